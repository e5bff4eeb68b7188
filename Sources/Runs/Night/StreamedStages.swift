internal import Fault
internal import PipelineConfig
internal import Processes
internal import StageRun
internal import Time

/// All stages of a batch at once, each following the one before it.
struct StreamedStages {
    let installation: Installation
    let pipeline: PipelineConfig
    let name: String
    let batch: String
    let root: String

    /// Starts every stage, and waits for all. As soon as one fails the others are stopped: they keep what they have sealed,
    /// and the next run goes on from there.
    ///
    /// - Parameters:
    ///   - flags: more words for every tool.
    ///   - fetchFlags: more words for those that read a source.
    func run(flags: [String], fetchFlags: [String]) throws(Fault) -> NightReport.Ending {
        let since = "\(WallClock.now())"
        var stops = StopRelay()
        var running: [(stage: String, process: ChildProcess)] = []
        // Where one cannot be started, those that were end with their lifelines.
        for stage in pipeline.stages {
            let tool = "\(installation.tools)/\(stage.tool)"
            let words = [tool, name, batch, "--stage", stage.stage, "--root", root, "--since", since]
            let way = stage.inputs.isEmpty ? fetchFlags : ["--follow"]
            running.append((stage.stage, try ChildProcess(words + way + flags, isMute: true)))
        }
        var endings = StreamEndings(stages: pipeline.stages.map(\.stage))
        while !running.isEmpty {
            stops.pass(to: running.map(\.process))
            var ended: [String: Int32] = [:]
            for (stage, process) in running { ended[stage] = process.code() }
            running.removeAll { ended[$0.stage] != nil }
            endings.note(ended)
            if endings.hasFailed { for (_, process) in running { process.stop() } }
            ChildProcess.pause()
        }
        return endings.ending
    }
}
