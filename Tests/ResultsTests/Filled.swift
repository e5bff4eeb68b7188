import Fault
import Foundation
import JSON
import Results
import StoreStage
import TestDatabases
import TestServers

/// A database filled by `store`, and the reader's connection to it.
final class Filled: Sendable {
    let test: TestDatabase
    let results: ResultsDatabase

    init(_ backend: Backend, _ options: (inout ResultsOptions) -> Void = { _ in }) throws {
        test = try TestDatabase(backend)
        try test.open().migrate()
        var chosen = ResultsOptions()
        chosen.connections = 2
        chosen.pollSeconds = 0.02
        options(&chosen)
        results = try ResultsDatabase(test.url, options: chosen)
    }

    deinit { results.close() }

    /// The answer to a query, as JSON.
    func ask(_ query: some ResultsQuery) async throws -> JSON {
        try JSON(parsing: await results.body(of: query))
    }

    /// The answer to a query for an item, as JSON.
    func ask(_ query: ItemQuery) async throws -> JSON { try JSON(parsing: await results.body(of: query)) }

    /// The fault of a query for an item.
    func fault(_ query: ItemQuery) async -> Fault? {
        do throws(Fault) {
            _ = try await results.body(of: query)
            return nil
        } catch {
            return error
        }
    }

    /// The fault of a query.
    func fault(_ query: some ResultsQuery) async -> Fault? {
        do throws(Fault) {
            _ = try await results.body(of: query)
            return nil
        } catch {
            return error
        }
    }

    /// Loads predictions as a stage's version, with its run, optionally counted.
    func load(
        _ pipeline: String, _ batch: String, stage: String = "infer", _ rows: [PredictionRow], counted: Bool = true
    ) throws {
        var run = RunRow(stage: stage, version: "v1", status: .sealed, summary: ["tool": "infer"])
        run.items = rows.count
        let figures = LoadFigures(runs: [run], labels: counted ? Self.counts(rows, stage) : [])
        try test.open().load(
            BatchName(pipeline: pipeline, batch: batch),
            stages: [StageVersion(stage: stage, version: "v1", digest: "d")]
        ) { (sink) throws(Fault) in
            for row in rows {
                var row = row
                row.stage = stage
                try sink.append(row)
            }
        } figures: { (_) throws(Fault) in
            figures
        }
    }

    /// Counts as `store` makes them, by device, one row at a time.
    private static func counts(_ rows: [PredictionRow], _ stage: String) -> [LabelCountRow] {
        var counts: [LabelCountRow] = []
        for row in rows {
            let device = (try? JSON(parsing: row.fields.text))?["device"]?.string
            for (field, value) in [("", "")] + (device.map { [("device", $0)] } ?? []) {
                var count = LabelCountRow(
                    stage: stage, version: "v1", model: row.model ?? "", modelVersion: row.modelVersion ?? "",
                    field: field, value: value, label: row.label ?? "")
                if let at = counts.firstIndex(where: {
                    ($0.model, $0.modelVersion, $0.field, $0.value, $0.label)
                        == (count.model, count.modelVersion, count.field, count.value, count.label)
                }) {
                    count = counts.remove(at: at)
                }
                count.items += 1
                if let score = row.score {
                    count.scoreSum += score
                    count.scoreBins[LabelCountRow.bin(of: score)] += 1
                }
                counts.append(count)
            }
        }
        return counts
    }

    /// Writes runs of a batch, as `store --runs-only` does.
    func record(
        _ pipeline: String, _ batch: String, _ runs: [RunRow], pipelineRow: PipelineRow? = nil,
        alerts: [AlertRow] = []
    ) throws {
        try test.open().record(
            BatchName(pipeline: pipeline, batch: batch), LoadFigures(runs: runs, pipeline: pipelineRow),
            alerts: alerts)
    }
}

/// A typical chain, due at six in the morning in UTC.
let usualPipeline = PipelineRow(
    description: "Spoken digits", due: "06:00", timezone: "UTC", daysBack: 1,
    stages: .array(
        ["fetch", "clean", "infer", "store"].enumerated().map { index, name in
            [
                "stage": .string(name), "tool": .string(name),
                "inputs": index == 0 ? [] : [.string(["fetch", "clean", "infer", "store"][index - 1])],
            ]
        }))

extension RunRow {
    /// A run of a stage of the usual pipeline.
    static func of(
        _ stage: String, _ status: RunStatus = .sealed, version: String = "v1", items: Int = 10, rejected: Int = 0,
        from input: String? = nil, summary: JSONObject = [:]
    ) -> RunRow {
        var all: JSONObject = ["tool": .string(stage)]
        let before = ["clean": "fetch", "infer": "clean", "store": "infer"][stage]
        if let before { all["inputs"] = [["stage": .string(before), "version": .string(input ?? "v1")]] }
        if stage == "infer" { all["model"] = ["name": "digits", "version": "3"] }
        for (name, value) in summary.members { all[name] = value }
        var row = RunRow(stage: stage, version: status == .absent ? "" : version, status: status, summary: all)
        if status == .absent { row.summary = [:] } else { (row.items, row.rejected) = (items, rejected) }
        (row.seconds, row.peakMemoryBytes) = (1.5, 1 << 20)
        row.startedAt = Timestamp("2026-11-20T02:00:00Z")
        row.finishedAt = Timestamp("2026-11-20T02:00:01.5Z")
        return row
    }

    /// A night that went well.
    static let goodNight = ["fetch", "clean", "infer", "store"].map { RunRow.of($0) }
}

/// Seconds since 1970.
func moment(_ text: String) throws -> Double {
    struct NoMoment: Error {}
    guard let moment = Timestamp(text) else { throw NoMoment() }
    return Double(moment.microseconds) / 1e6
}

extension PredictionsQuery {
    /// A search that runs to its end, however slow the machine.
    static func patient(_ range: BatchRange = BatchRange(), page: Page = Page()) -> PredictionsQuery {
        var query = PredictionsQuery(range, page: page)
        query.patience = .seconds(600)
        return query
    }
}
