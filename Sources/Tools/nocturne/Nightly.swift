import ArgumentParser
import Fault
import Night
import PipelineConfig
import Time
import ToolKit

struct Nightly: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs a pipeline's whole night: what cron calls.",
        discussion: """
            Runs every stage by the rules that make has, tells of trouble as [alerts] says, records the runs in the \
            database also when one failed or was held back, writes the metrics, prints a summary, and exits with the \
            failing tool's own code. A channel or a textfile that fails is a warning, never a failed night.

            \(ToolMain.exitStatus)
            """)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch, by default the day that is due by the pipeline's [schedule].")
    var batch: String?
    @Flag(help: "Says nothing when all went well: no alert, no warning, exit code 0.")
    var silent = false

    func run() throws {
        let night = try pipeline.night(batch)
        let report = try night.run(flags: silent ? ["--quiet"] : [])
        try report.end(silent: silent)
    }
}

extension PipelineOption {
    /// The night of a batch, or of the day that is due by the pipeline's schedule.
    func night(_ batch: String?) throws(Fault) -> NightRun {
        let config = try load()
        return try NightRun(
            installation: Installation(), pipeline: config, name: pipeline,
            batch: batch ?? config.defaultBatch(now: WallClock.now()), root: Environment.root,
            settings: .fromEnvironment)
    }
}

extension NightSettings {
    /// What the environment says.
    static var fromEnvironment: NightSettings {
        var settings = NightSettings()
        settings.webhook = Environment.value("NOCTURNE_ALERT_WEBHOOK")
        settings.secret = Environment.value("NOCTURNE_ALERT_SECRET")
        settings.metricsFolder = Environment.value("NOCTURNE_METRICS")
        return settings
    }
}
