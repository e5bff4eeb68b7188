import ArgumentParser
import Night
import ToolKit

struct Stream: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs all stages of a batch at once, each on the parts that the one before it has sealed.",
        discussion: """
            The result is that of 'nightly', sooner: no stage waits for the last download. Ends as 'nightly' ends, with \
            one summary and the code of the stage that failed, which stops the others. With --watch, fetch keeps looking for recordings \
            until the time of --until, and the stages take what comes.

            EXAMPLES
              nocturne stream digits 2026-11-20
              nocturne stream digits --watch --until 23:59

            \(ToolMain.exitStatus)
            """)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch, by default the day that is due by the pipeline's [schedule].")
    var batch: String?
    @Flag(help: "Has fetch watch its source.")
    var watch = false
    @Option(help: ArgumentHelp("When fetch stops watching.", valueName: "time"))
    var until: String?
    @Flag(help: "Makes new versions of all stages, reusing nothing; brings anew what was released.")
    var force = false
    @Flag(help: "Says nothing when all went well: no alert, no warning, exit code 0.")
    var silent = false

    func validate() throws {
        if until != nil && !watch { throw ValidationError("--until says when --watch ends: give both") }
    }

    func run() throws {
        let night = try pipeline.night(batch)
        let watching = (watch ? ["--watch"] : []) + (until.map { ["--until", $0] } ?? [])
        let flags = (force ? ["--force"] : []) + (silent ? ["--quiet"] : [])
        let report = try night.stream(flags: flags, fetchFlags: watching)
        try report.end(silent: silent)
    }
}
