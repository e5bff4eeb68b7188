internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import PipelineConfig
internal import StageRun

/// What the database holds already, and what follows from it.
extension StoreStage {
    /// Why the batch must be loaded, one line per reason; none if all of it is in the database.
    func missing(_ lineage: Lineage, _ plan: StorePlan, _ receipts: [LoadReceipt]) -> [String] {
        var lines: [String] = []
        for wanted in lineage.stages {
            let found = receipts.first { $0.loaded.stage == wanted.stage }?.loaded
            if found == wanted { continue }
            let there = found.map { "it holds \($0.version)" } ?? "it holds no version, or not all of its rows"
            lines.append("\(wanted.stage) \(wanted.version) is not in the database: \(there)")
        }
        let own = receipts.first { $0.loaded.stage == config.stage }?.loaded
        if lines.isEmpty, own?.digest != plan.fingerprint.hex {
            lines.append("the database has no receipt of \(config.stage) for exactly these versions")
        }
        return lines
    }

    func transaction(in receipts: [LoadReceipt]) -> Int? {
        receipts.first { $0.loaded.stage == config.stage }?.transaction
    }

    /// The receipts of this load alone: another store of the pipeline may have others in the same database.
    func of(_ lineage: Lineage, in receipts: [LoadReceipt]) -> [LoadReceipt] {
        let stages = lineage.stages.map(\.stage) + [config.stage]
        return receipts.filter { stages.contains($0.loaded.stage) }
    }

    func say(_ name: String, _ line: String) { context.events.record(name, line) }

    func dryRun(_ lineage: Lineage, _ folder: StageFolder) throws(Fault) -> StageOutcome {
        // Looking must not make a file.
        let receipts = try DatabaseAddress.isFileMissing(url) ? [] : open().receipts(batch)
        let missing = missing(lineage, plan(lineage, try DatabaseAddress.recorded(url)), receipts)
        for line in missing.isEmpty ? ["everything is in the database"] : missing { say("why", line) }
        let numbers = try folder.versions()
        let last = numbers.last ?? 0
        let number = missing.isEmpty && last > 0 ? last : last + 1
        return StageOutcome(path: folder.version(number), seal: nil, status: .dryRun, made: 0, linked: 0)
    }
}
