import ArgumentParser
import BatchFormat
import Fault
import JSON
import PipelineConfig
import Processes
import Removal
import StageRun
import Time
import ToolKit

struct GC: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Removes versions that are no longer needed, leftovers of dead runs, and old raw objects.",
        discussion: """
            Keeps the newest versions of each stage, those that current, pinned and held point at, and everything that a \
            kept version was made from. Limits are in [gc] of the pipeline's pipeline.toml; options override them. \
            Exits with 75 if a stage was skipped because a run is using it.
            """)

    @Argument(help: "Only this pipeline.")
    var pipeline: String?
    @Argument(help: "Only this batch.")
    var batch: String?
    @Option(help: ArgumentHelp("Keeps the newest N sealed versions of each stage.", valueName: "n"))
    var keep: Int?
    @Option(
        help: ArgumentHelp(
            "Keeps raw objects for D days after they were fetched, then releases them once they have been used.",
            valueName: "d"))
    var rawDays: Double?
    @Option(
        help: ArgumentHelp(
            "Keeps a stage's newest version for D days for the next run, if a dead run left it unsealed.",
            valueName: "d"))
    var unsealedDays: Double?
    @Flag(help: "Lists what would be removed and freed, and which old versions are kept, without removing anything.")
    var dryRun = false
    @Flag(help: "Prints one JSON object.")
    var json = false
    @OptionGroup var root: RootOption

    func validate() throws {
        if let keep, keep < 1 { throw ValidationError("--keep takes a number of at least 1") }
        for (name, days) in [("--raw-days", rawDays), ("--unsealed-days", unsealedDays)] {
            if let days, !(0...36_525).contains(days) {
                throw ValidationError("\(name) takes a number of days from 0 to 36525")
            }
        }
    }

    func run() throws {
        let (json, dryRun) = (json, dryRun)
        var housekeeper = Housekeeper(
            root: root.path, dryRun: dryRun, now: WallClock.now(),
            record: ["host": .string(Machine.name()), "tool_version": .string(BuildInfo.full)],
            checkStop: StopFlag.check
        ) { removal in
            if !json { ToolMain.print(Self.text(removal, dryRun: dryRun)) }
        }
        let report = try housekeeper.run(pipeline: pipeline, batch: batch) { (name) throws(Fault) in
            try retention(of: name)
        }
        if json {
            var object = report.json.object ?? [:]
            object["dry_run"] = .bool(dryRun)
            ToolMain.print(JSON.object(object).text(.line))
        } else {
            if dryRun { for line in Self.retained(report) { ToolMain.print(line) } }
            ToolMain.print(Self.sum(report, dryRun: dryRun))
        }
        guard let first = report.skipped.first, !dryRun else { return }
        let others = report.skipped.dropFirst().map { "\n  '\($0.path)': \($0.reasons.joined(separator: ", "))" }
        throw Fault(
            .retryLater,
            "skipped; run this again later: '\(first.path)': \(first.reasons.joined(separator: ", "))"
                + others.joined())
    }

    /// The pipeline's `[gc]`, if it has a configuration, with the options applied.
    private func retention(of pipeline: String) throws(Fault) -> Retention {
        var retention = Retention()
        do throws(Fault) {
            let file = "\(Environment.pipelines)/\(pipeline)/pipeline.toml"
            retention = try PipelineConfig.load(file: file, name: pipeline).retention
        } catch {
            // Batches may outlive their pipeline.
            guard error.kind == .missing else { throw error }
        }
        if let keep { retention.keep = keep }
        if let rawDays { retention.raw = rawDays * 86400 }
        if let unsealedDays { retention.unsealed = unsealedDays * 86400 }
        return retention
    }

    private static func text(_ removal: RemovedFiles, dryRun: Bool) -> String {
        let verb =
            switch removal.kind {
            case .raw: dryRun ? "would release the raw objects of" : "released the raw objects of"
            default: dryRun ? "would remove" : "removed"
            }
        return "\(verb) \(removal.path): \(removal.reason); \(HumanSize.text(removal.apparentBytes)), "
            + "\(HumanSize.text(removal.freedBytes)) freed"
    }

    /// Versions kept for reasons other than being among the newest, and skipped stages.
    private static func retained(_ report: HousekeepingReport) -> [String] {
        report.kept.filter { !$0.reasons.contains { $0.contains("the newest") } }.map {
            "keeps \($0.path): \($0.reasons.joined(separator: "; "))"
        } + report.skipped.map { "skips \($0.path): \($0.reasons.joined(separator: "; "))" }
    }

    private static func sum(_ report: HousekeepingReport, dryRun: Bool) -> String {
        guard !report.removals.isEmpty else { return "nothing to remove" }
        func count(_ kind: RemovedFiles.Kind) -> Int { report.removals.filter { $0.kind == kind }.count }
        let counts = [
            (count(.version), "versions"), (count(.unsealed), "unsealed versions"), (count(.leftover), "leftovers"),
            (count(.raw), "parts' raw objects"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return "\(counts.joined(separator: ", ")): \(HumanSize.text(report.apparentBytes)), "
            + "\(HumanSize.text(report.freedBytes)) \(dryRun ? "would be " : "")freed"
    }
}
