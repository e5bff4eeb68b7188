public import ArgumentParser
internal import BatchFormat
public import Fault
internal import JSON
public import PipelineConfig
internal import Processes
public import StageRun
internal import Time
internal import Workers

/// A tool that runs one stage of a pipeline: it defines the stage, everything else is the same for all.
public protocol StageCommand: ParsableCommand {
    /// The arguments common to all stage tools.
    var options: StageOptions { get }
    /// The tool whose stages this command runs.
    static var tool: StageTool { get }
    /// Runs the stage, everything resolved.
    func run(_ job: StageJob) throws(Fault) -> StageOutcome
}

/// Everything that a stage's run needs, resolved from arguments, environment and configuration.
public struct StageJob: Sendable {
    /// The whole pipeline.
    public let pipeline: PipelineConfig
    /// The stage's configuration.
    public let config: StageConfig
    /// The request.
    public let request: StageRequest
    /// Workers, log and progress.
    public let context: RunContext
    let console: Console

    /// Runs the stage in the way that is the same for all of them.
    public func run(_ stage: some Stage) throws(Fault) -> StageOutcome {
        try StageRunner(request, context).run(stage)
    }

    func finishProgress() { console.clear() }
}

extension StageCommand {
    /// Runs the stage.
    public func run() throws { try runStage() }

    /// Resolves the arguments, runs the stage, prints one line, and turns a held-back version into its fault.
    public func runStage() throws {
        var isPrinted = false
        do throws(Fault) {
            try runResolved(&isPrinted)
        } catch {
            if options.json, !isPrinted { ToolMain.print(error) }
            guard options.log.logFormat == .json else { throw error }
            // A log of JSON lines also ends with one.
            Console(tool: options.stage ?? Self.tool.rawValue, options.log).show(
                Event(ToolFailed(error), time: WallClock.now()))
            throw ExitCode(error.kind.exitCode)
        }
    }

    /// - Parameter isPrinted: set when the result is on standard output.
    private func runResolved(_ isPrinted: inout Bool) throws(Fault) {
        let job = try resolveOrRefuse()
        defer { job.finishProgress() }
        // Before taking the stage's lock, so that a night replacing a killed one does not find it taken.
        try StopFlag.check()
        let ending = EndingWriter(job, options)
        ending?.begin()
        let outcome: StageOutcome
        do throws(Fault) {
            outcome = try run(job)
        } catch {
            ending?.end(error, version: job.context.events.version)
            record(error, job)
            throw error
        }
        ending?.end(outcome)
        job.finishProgress()
        isPrinted = true
        ToolMain.print(options.json ? JSON.object(outcome.summary).text(.line) : outcome.path)
        if let fault = outcome.fault {
            record(fault, job)
            throw fault
        }
    }

    /// The job; an invalid configuration is an ending too.
    private func resolveOrRefuse() throws(Fault) -> StageJob {
        do throws(Fault) {
            return try resolve()
        } catch {
            EndingWriter(options, tool: Self.tool, configuration: configurationFile)?.refuse(error)
            throw error
        }
    }

    private func record(_ fault: Fault, _ job: StageJob) {
        job.context.events.record(RunFailed(fault))
    }

    private var configurationFile: String {
        options.config ?? "\(Environment.pipelines)/\(options.pipeline)/pipeline.toml"
    }

    /// Everything that the stage's run needs, from arguments, environment and configuration.
    public func resolve() throws(Fault) -> StageJob {
        try Names.check(options.pipeline, "pipeline")
        let pipeline = try PipelineConfig.load(
            file: configurationFile, name: options.pipeline, overrides: options.overrides)
        let config = try pipeline.stage(named: options.stage ?? Self.tool.rawValue)
        guard config.kind == Self.tool else {
            throw Fault(
                .usage,
                "the stage '\(config.stage)' of '\(options.pipeline)' is run by \(config.tool), not by \(Self.tool.rawValue)"
            )
        }
        var request = StageRequest(
            try BatchAddress(
                root: options.root ?? Environment.root, pipeline: options.pipeline,
                batch: options.batch ?? pipeline.defaultBatch(now: WallClock.now())), toolVersion: BuildInfo.full)
        request.input = options.input
        request.jobs = options.jobs ?? Processors.count
        if let parts = options.parts { request.parts = try PartSelection(list: parts) }
        if let shard = options.shard { request.parts = try PartSelection(shard: shard) }
        request.force = options.force
        request.why = options.why
        request.dryRun = options.dryRun
        if options.follow, config.inputs.isEmpty {
            throw Fault(.usage, "\(config.stage) reads no stage that it could follow; leave out --follow")
        }
        request.streaming.follow = options.follow
        if options.streamed { request.streaming.night = options.night }
        request.streaming.ended = Set(options.ended)
        request.streaming.limits = pipeline.stream
        if options.follow, let wait = config.settings.followWait { request.streaming.limits.followWait = wait }
        for reader in pipeline.stages {
            for input in reader.inputs { request.streaming.readers[input, default: []].append(reader) }
        }
        let console = Console(tool: config.stage, options.log)
        let context = RunContext(
            jobs: request.jobs, events: EventLog(listener: { console.show($0) }), progress: console)
        return StageJob(pipeline: pipeline, config: config, request: request, context: context, console: console)
    }
}
