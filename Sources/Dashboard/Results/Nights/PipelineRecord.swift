internal import Fault
internal import JSON
internal import PipelineConfig

/// A pipeline as recorded in the database.
struct PipelineRecord {
    /// A stage of its chain.
    struct Stage {
        let name: String
        let tool: String
        let inputs: [String]
    }

    let name: String
    var description: String?
    var schedule: Schedule?
    /// Each stage after those it reads; empty if the pipeline was last stored by an older release.
    var stages: [Stage] = []

    /// All pipelines by name: those recorded, and those that only have runs.
    static func all(_ reader: Reader) throws(Fault) -> [PipelineRecord] {
        var records = try reader.rows(
            "SELECT pipeline, description, due, timezone, days_back, stages FROM pipelines"
        ) { row -> PipelineRecord? in
            guard let name = row[0].text else { return nil }
            var schedule: Schedule?
            if let due = row[2].text, let timezone = row[3].text, let daysBack = row[4].int {
                schedule = Schedule(due: due, timezone: timezone, daysBack: daysBack)
            }
            let stages = (try? JSON(parsing: row[5].text ?? ""))?.array ?? []
            return PipelineRecord(
                name: name, description: row[1].text, schedule: schedule,
                stages: stages.compactMap { stage in
                    guard let name = stage["stage"]?.string, let tool = stage["tool"]?.string else { return nil }
                    return Stage(
                        name: name, tool: tool, inputs: stage["inputs"]?.array?.compactMap(\.string) ?? [])
                })
        }
        for name in try reader.rows("SELECT DISTINCT pipeline FROM runs", { $0[0].text })
        where !records.contains(where: { $0.name == name }) {
            records.append(PipelineRecord(name: name))
        }
        return records.sorted { $0.name.utf8Precedes($1.name) }
    }
}
