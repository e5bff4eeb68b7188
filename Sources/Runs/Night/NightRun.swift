internal import Alerts
internal import BatchFormat
internal import Durable
public import Fault
internal import Glibc
internal import JSON
public import PipelineConfig
internal import Processes
internal import StageRun
internal import Time

/// One pipeline's night: the rules run by make, what is wrong told, the runs recorded whatever happened, and one exit code.
public struct NightRun: Sendable {
    private let installation: Installation
    private let pipeline: PipelineConfig
    private let name: String
    private let batch: String
    private let root: String
    private let settings: NightSettings
    private let desk: AlertDesk

    /// Prepares a night.
    public init(
        installation: Installation, pipeline: PipelineConfig, name: String, batch: String, root: String,
        settings: NightSettings = NightSettings()
    ) throws(Fault) {
        self.installation = installation
        self.pipeline = pipeline
        self.name = name
        self.batch = try Names.check(batch, "batch")
        self.root = root
        self.settings = settings
        desk = try AlertDesk(pipeline, name: name, batch: batch, root: root, settings: settings)
    }

    /// What a night is run for.
    public enum Purpose: Sendable {
        /// To have last night's results in time: it may be late, and its figures are the pipeline's metrics.
        case tonight
        /// To fill a gap of the past.
        case backfill
    }

    /// Runs the stages by make's rules, raises alerts, records every run, failed ones too, with `store --runs-only`, tells
    /// whom `[alerts]` names, and writes the metrics. Only the stages decide the exit code.
    ///
    /// With a `disk_budget` they run as ``stream(flags:fetchFlags:)`` has them: one after the other, nobody would make room.
    ///
    /// - Parameter flags: more words for every tool.
    /// - Throws: 75 if the batch's stages are being run already.
    public func run(_ purpose: Purpose = .tonight, flags: [String] = []) throws(Fault) -> NightReport {
        let command = purpose == .tonight ? "nocturne nightly" : "nocturne backfill"
        return try run(command, purpose) { () throws(Fault) in
            try pipeline.stream.diskBudget == nil
                ? runStages(flags) : streamed.run(flags: flags, fetchFlags: [])
        }
    }

    /// The same with all stages at once, each following the one before it.
    ///
    /// - Parameters:
    ///   - flags: more words for every tool.
    ///   - fetchFlags: more words for those that read a source, such as `--watch`.
    public func stream(flags: [String], fetchFlags: [String]) throws(Fault) -> NightReport {
        try run("nocturne stream", .tonight) { () throws(Fault) in
            try streamed.run(flags: flags, fetchFlags: fetchFlags)
        }
    }

    private var streamed: StreamedStages {
        StreamedStages(installation: installation, pipeline: pipeline, name: name, batch: batch, root: root)
    }

    private func run(
        _ command: String, _ purpose: Purpose, _ runStages: () throws(Fault) -> NightReport.Ending
    ) throws(Fault) -> NightReport {
        var folders: [StageFolder] = []
        for stage in pipeline.stages {
            folders.append(try StageFolder(root: root, pipeline: name, batch: batch, stage: stage.stage))
        }
        let lock = try NightLock.take(folder, for: command, stages: folders)
        let report = try runAndTell(purpose, runStages)
        lock.end()
        return report
    }

    private func runAndTell(
        _ purpose: Purpose, _ runStages: () throws(Fault) -> NightReport.Ending
    ) throws(Fault) -> NightReport {
        let (began, started) = (WallClock.now(), MonotonicClock.now())
        var ending = try runStages()
        // The tools are stopped by SIGTERM whatever stopped us; our own exit code says what did.
        if ending.code == 143, let own = StopFlag.exitCode {
            ending = NightReport.Ending(code: own, stage: ending.stage)
        }
        let stages = try figures()
        var watch = Watch(desk: desk, isStopped: StopFlag.isRaised)
        let due = purpose == .tonight ? watch.due(Lateness(pipeline, name: name, root: root), batch, began: began) : nil
        watch.raise(stages, ending)
        if let due { watch.raiseLate(due: due, missing: ending.code == 0 ? nil : "the night failed") }
        // The alerts are on disk now, and go into the database together with the runs.
        let recorded = try record()
        if let recorded {
            if ending.code == 0 {
                ending = recorded
                watch.raise([], ending)
            } else if recorded.code != ending.code || recorded.stage != ending.stage {
                watch.warnings.append("the runs could not be recorded in the database: exit code \(recorded.code)")
            }
        }
        watch.deliver()
        var report = watch.report(
            name, batch, ending, began: began, seconds: (MonotonicClock.now() - started).rounded(decimals: 3),
            stages: stages)
        if purpose == .tonight, let path = metricsPath {
            do throws(Fault) {
                try NightMetrics.write(report, late: due != nil, day: midnight, now: WallClock.now(), to: path)
            } catch {
                report = report.warning("the metrics were not written: \(error)")
            }
        }
        return report
    }

    // MARK: - The stages

    /// The batch's folder.
    private var folder: String { "\(root)/\(name)/\(batch)" }

    private func runStages(_ flags: [String]) throws(Fault) -> NightReport.Ending {
        let stamps = "\(folder)/.stamps"
        try Folders.makeAll(stamps)
        let failure = "\(stamps)/failed"
        try Folders.remove(failure)
        let code = try ChildProcess.run(
            [
                "make", "--no-print-directory", "-f", installation.rules,
                "NIGHT_FLAGS=\(flags.joined(separator: " "))", "nightly", "PIPELINE=\(name)", "BATCH=\(batch)",
                "NOCTURNE=\(installation.front)",
            ],
            environment: ["NOCTURNE_ROOT": root])
        var ending = NightReport.Ending(code: code)
        if code != 0 {
            // make turns every failure into 2; the rule has left the tool's own code.
            let words = (try? AtomicFile.read(failure)).map {
                String(decoding: $0, as: UTF8.self).split { $0 == " " || $0 == "\n" }
            }
            if let words, words.count >= 2, let own = Int32(words[0]) {
                ending = NightReport.Ending(code: own, stage: String(words[1]))
            } else if code == 2 {
                ending = NightReport.Ending(code: 70)
            }
        }
        return ending
    }

    private func figures() throws(Fault) -> [StageFigures] {
        var figures: [StageFigures] = []
        for stage in pipeline.stages {
            figures.append(try StageFigures(stage, root: root, pipeline: name, batch: batch))
        }
        return figures
    }

    /// Records the runs and the alerts in the databases.
    ///
    /// - Returns: the first failure.
    func record() throws(Fault) -> NightReport.Ending? {
        var failure: NightReport.Ending?
        for stage in pipeline.stages where stage.kind == .store {
            let code = try ChildProcess.run([
                "\(installation.tools)/store", name, batch, "--stage", stage.stage, "--runs-only", "--quiet",
                "--root", root,
            ])
            if code != 0 && failure == nil { failure = NightReport.Ending(code: code, stage: stage.stage) }
        }
        return failure
    }

    // MARK: - The metrics

    private var metricsPath: String? {
        pipeline.metricsTextfile ?? settings.metricsFolder.map { "\($0)/nocturne-\(name).prom" }
    }

    private var midnight: Double? {
        Schedule(dueMinutes: 0, timezone: "UTC", daysBack: 0).due(ofBatch: batch)
    }
}
