internal import Fault
internal import JSON

/// A row of `runs`.
struct RunRecord {
    let batch: BatchID
    let stage: String
    let version: String
    let fingerprint: String?
    let items: Int?
    let rejected: Int?
    let seconds: Double?
    let peakMemoryBytes: Int?
    let bytesIn: Int?
    let bytesOut: Int?
    let status: String
    let startedAt: String?
    let finishedAt: String?
    let summary: JSONObject

    /// The tool that runs the stage, where the run got so far as to say it.
    var tool: String? { summary["tool"]?.string }

    /// `digits@3`, for stages that run a model.
    var model: String? {
        guard let model = summary["model"], let name = model["name"]?.string else { return nil }
        return model["version"]?.string.map { "\(name)@\($0)" } ?? name
    }

    /// The versions that the run was made from.
    var inputs: [(stage: String, version: String)] {
        (summary["inputs"]?.array ?? []).compactMap { input in
            guard let stage = input["stage"]?.string, let version = input["version"]?.string else { return nil }
            return (stage, version)
        }
    }

    /// The rows that meet some conditions.
    static func all(_ reader: Reader, where conditions: [SQL]) throws(Fault) -> [RunRecord] {
        let moment = reader.dialect.moment
        return try reader.rows(
            """
            SELECT pipeline, batch, stage, version, fingerprint, items, rejected, seconds, peak_memory_bytes, bytes_in,
              bytes_out, status, \(raw: moment("started_at")), \(raw: moment("finished_at")), summary
            FROM runs\(conditions.whereClause)
            """
        ) { row in
            guard let pipeline = row[0].text, let batch = row[1].text, let stage = row[2].text,
                let status = row[11].text
            else { return nil }
            return RunRecord(
                batch: BatchID(pipeline: pipeline, batch: batch), stage: stage, version: row[3].text ?? "",
                fingerprint: row[4].text, items: row[5].int, rejected: row[6].int, seconds: row[7].double,
                peakMemoryBytes: row[8].int, bytesIn: row[9].int, bytesOut: row[10].int, status: status,
                startedAt: row[12].text, finishedAt: row[13].text,
                summary: (try? JSON(parsing: row[14].text ?? ""))?.object ?? [:])
        }
    }
}
