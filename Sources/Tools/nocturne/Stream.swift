import ArgumentParser
import Night
import ToolKit

struct Stream: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs all stages of a batch at once, each on the parts that the previous one has sealed.",
        discussion: """
            The result is that of 'nightly'. Ends like 'nightly', with one summary and the code of the stage that is the \
            cause; here it stops all the others. With --watch, fetch keeps looking for recordings until the time of \
            --until, and the stages process what arrives.

            EXAMPLES
              nocturne stream digits 2026-11-20
              nocturne stream digits --watch --until 23:59

            \(ToolMain.exitStatus)
            """)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch. (default: the day due by the pipeline's [schedule])")
    var batch: String?
    @Flag(help: "Makes fetch watch its source.")
    var watch = false
    @Option(help: ArgumentHelp("When fetch stops watching.", valueName: "time"))
    var until: String?
    @Flag(help: "Makes new versions of all stages, reusing nothing, and fetches released recordings again.")
    var force = false
    @Flag(help: "Prints nothing on success: no alert, no warning, exit code 0.")
    var silent = false

    @OptionGroup var output: JSONOption

    func validate() throws {
        if until != nil && !watch { throw ValidationError("--until sets the end of --watch; give both") }
    }

    func run() throws {
        let watching = (watch ? ["--watch"] : []) + (until.map { ["--until", $0] } ?? [])
        try output.reporting {
            let night = try pipeline.night(
                batch, .stream, order: .streamed, wanted: force ? .new : .upToDate, fetchWords: watching,
                isQuiet: silent)
            try night.run().end(silent: silent, output)
        }
    }
}
