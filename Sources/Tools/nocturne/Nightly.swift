import ArgumentParser
import Fault
import Night
import PipelineConfig
import StageRun
import ToolKit

struct Nightly: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs a pipeline's whole night: what cron calls.",
        discussion: """
            Runs every stage by the rules that make has, records the runs in the database also when one failed or was \
            held back, prints a line per stage, and exits with the failing tool's own code.

            \(ToolMain.exitStatus)
            """)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch, by default the day that is due by the pipeline's [schedule].")
    var batch: String?
    @Flag(help: "Says nothing when all went well.")
    var silent = false

    func run() throws {
        let config = try pipeline.load()
        let batch = batch ?? config.defaultBatch(now: Clock.now())
        let night = try NightRun(
            installation: Installation(), pipeline: config, name: pipeline.pipeline, batch: batch,
            root: Environment.root)
        let ending = try night.run(makeFlags: silent ? ["NIGHT_FLAGS=--quiet"] : [])
        if ending.code != 0 || !silent {
            let verdict =
                ending.code == 0 ? "done" : "failed in \(ending.stage ?? "make") with exit code \(ending.code)"
            ToolMain.print("\(pipeline.pipeline) \(batch): \(verdict)")
            for line in try night.summary() { ToolMain.print(line) }
        }
        if ending.code != 0 { throw ExitCode(ending.code) }
    }
}
