internal import Fault
internal import JSON

/// A row of `runs`: how the newest run of a stage went, with the receipt of what the tables contain of the stage, which
/// may be from an earlier run.
struct RunRecord {
    /// A row of `receipts`.
    struct Receipt {
        let version: String
        let predictions: Int
        let rejections: Int
        let loadedAt: String?
    }

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
    let receipt: Receipt?

    /// The tool that ran the stage, if the run got far enough to record it.
    var tool: String? { summary["tool"]?.string }

    /// `digits@3`, for stages that run a model.
    var model: String? {
        guard let model = summary["model"], let name = model["name"]?.string else { return nil }
        return model["version"]?.string.map { "\(name)@\($0)" } ?? name
    }

    /// What the stage's last run said when it failed; `nil` if it ended well.
    var failure: String? { summary["failure"]?.string }
    /// The kind of that failure.
    var failureKind: String? { summary["failure_kind"]?.string }
    /// The stage that the last run ended because of, if it did not end by itself.
    var because: String? { summary["because"]?.string }

    /// The stage's accepted version: this run's, unless `store` recorded another one.
    var accepted: String { summary["current"]?.string ?? version }

    /// The versions that the run was made from.
    var inputs: [(stage: String, version: String)] {
        (summary["inputs"]?.array ?? []).compactMap { input in
            guard let stage = input["stage"]?.string, let version = input["version"]?.string else { return nil }
            return (stage, version)
        }
    }

    // MARK: - What is loaded

    /// What the tables contain of the stage: this run's version, or an earlier one; `nil` if nothing.
    var loaded: RunRecord? {
        guard let receipt, !isLoaded else { return receipt == nil ? nil : self }
        let told = figuresOfLoaded ?? [:]
        return RunRecord(
            batch: batch, stage: stage, version: receipt.version, fingerprint: told["fingerprint"]?.string,
            // If the run is no longer known, the rows themselves were counted.
            items: told["items"]?.int ?? (receipt.predictions > 0 ? receipt.predictions : nil),
            rejected: told["rejected"]?.int ?? receipt.rejections, seconds: told["seconds"]?.double,
            peakMemoryBytes: told["peak_memory_bytes"]?.int, bytesIn: told["bytes_in"]?.int,
            bytesOut: told["bytes_out"]?.int, status: "sealed", startedAt: told["started_at"]?.string,
            finishedAt: told["finished_at"]?.string ?? receipt.loadedAt, summary: told["summary"]?.object ?? [:],
            receipt: receipt)
    }

    /// Whether the tables contain this run's version.
    var isLoaded: Bool {
        receipt?.version == version && figuresOfLoaded == nil && ["sealed", "held_back"].contains(status)
    }

    /// The figures that `store` recorded of the version then in the tables, if it still is.
    private var figuresOfLoaded: JSONObject? {
        guard let told = summary["loaded"]?.object, told["version"]?.string == receipt?.version else { return nil }
        return told
    }

    // MARK: - Reading

    /// The rows of the stages that meet some conditions.
    static func all(_ reader: Reader, where conditions: [SQL]) throws(Fault) -> [RunRecord] {
        let moment = reader.dialect.moment
        return try reader.rows(
            """
            SELECT pipeline, batch, stage, r.version, fingerprint, items, rejected, seconds, peak_memory_bytes, bytes_in,
              bytes_out, status, \(raw: moment("started_at")), \(raw: moment("finished_at")), summary, c.version,
              c.predictions, c.rejections, \(raw: moment("c.loaded_at"))
            FROM runs r LEFT JOIN receipts c USING (pipeline, batch, stage)\(conditions.whereClause)
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
                summary: (try? JSON(parsing: row[14].text ?? ""))?.object ?? [:],
                receipt: row[15].text.map {
                    Receipt(
                        version: $0, predictions: row[16].int ?? 0, rejections: row[17].int ?? 0,
                        loadedAt: row[18].text)
                })
        }
    }
}

extension [RunRecord] {
    /// The runs behind a batch's results: the loaded ones, or all of them if none is loaded.
    var ofResults: [RunRecord] { contains { $0.receipt != nil } ? compactMap(\.loaded) : self }
}
