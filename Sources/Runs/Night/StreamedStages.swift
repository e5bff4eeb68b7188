internal import BatchFormat
internal import Fault
internal import PipelineConfig
internal import StageRun

/// All stages of a batch at once, each following the one before it.
struct StreamedStages {
    let installation: Installation
    let pipeline: PipelineConfig
    let name: String
    let batch: String
    let root: String

    /// Starts every stage, waits for all, and tells which failed first in the pipeline's order: those after it could not
    /// but fail, too.
    ///
    /// - Parameters:
    ///   - flags: more words for every tool.
    ///   - fetchFlags: more words for those that read a source.
    func run(flags: [String], fetchFlags: [String]) throws(Fault) -> NightReport.Ending {
        let since = Clock.now()
        var stops = StopRelay()
        var running: [(stage: StageConfig, process: ChildProcess)] = []
        var codes: [String: Int32] = [:]
        for stage in pipeline.stages {
            let way = stage.inputs.isEmpty ? fetchFlags : ["--follow", "--since", "\(since)"]
            do throws(Fault) {
                let tool = "\(installation.tools)/\(stage.tool)"
                let words = [tool, name, batch, "--stage", stage.stage, "--root", root]
                running.append((stage, try ChildProcess(words + way + flags, isMute: true)))
            } catch {
                for (_, process) in running { process.stop() }
                throw error
            }
        }
        while !running.isEmpty {
            stops.pass(to: running.map(\.process))
            var left: [(stage: StageConfig, process: ChildProcess)] = []
            for (stage, process) in running {
                guard let code = process.code() else {
                    left.append((stage, process))
                    continue
                }
                codes[stage.stage] = code
            }
            for (stage, process) in left {
                for input in stage.inputs where codes[input, default: 0] != 0 {
                    // One that failed before it could tell its followers would be waited for.
                    let folder = try StageFolder(root: root, pipeline: name, batch: batch, stage: input)
                    if !Upstream.hasBegun(folder, since: since) { process.stop() }
                }
            }
            running = left
            ChildProcess.pause()
        }
        let failed = pipeline.stages.first { codes[$0.stage] != 0 }
        return NightReport.Ending(code: failed.flatMap { codes[$0.stage] } ?? 0, stage: failed?.stage)
    }
}
