import ArgumentParser
import Fault
import Night
import PipelineConfig
import Time
import ToolKit

struct Nightly: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs a pipeline's whole night; run by cron.",
        discussion: """
            Runs every stage, all at once if that is faster and fits into memory, each on the parts that the previous one \
            has sealed. Then sends alerts as configured in [alerts], records the runs in the database, even if one failed or \
            was held back, writes the metrics, prints a summary, and exits with the code of the stage that is the cause. \
            A channel or a textfile that fails is a warning, never a failed night.

            \(ToolMain.exitStatus)
            """)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch. (default: the day due by the pipeline's [schedule])")
    var batch: String?
    @OptionGroup var way: OrderOption
    @OptionGroup var beginning: FromOption
    @Flag(help: "Prints nothing on success: no alert, no warning, exit code 0.")
    var silent = false

    @OptionGroup var output: JSONOption

    func run() throws {
        try output.reporting {
            let night = try pipeline.night(batch, .nightly, order: way.order, from: beginning.stage, isQuiet: silent)
            try night.run().end(silent: silent, output)
        }
    }
}

/// Which stages of a night are run.
struct FromOption: ParsableArguments {
    @Option(
        name: .customLong("from"),
        help: ArgumentHelp(
            "Runs this stage and those that read it, on what the stages before it have kept: also when the source is gone.",
            valueName: "stage"))
    var stage: String?
}

/// Whether stages wait for each other to end.
struct OrderOption: ParsableArguments {
    @Flag(help: "Runs one stage after the other. A pipeline with a disk_budget is streamed anyway.")
    var sequential = false

    var order: NightPlan.Order? { sequential ? .sequential : nil }
}

extension PipelineOption {
    /// The night of a batch, or of the day that is due by the pipeline's schedule.
    func night(
        _ batch: String?, _ purpose: NightPlan.Purpose, order: NightPlan.Order?, wanted: NightPlan.Wanted = .upToDate,
        from first: String? = nil, fetchWords: [String] = [], isQuiet: Bool
    ) throws(Fault) -> NightRunner {
        let config = try load()
        let plan = try NightPlan(
            config, name: pipeline, batch: batch ?? config.defaultBatch(now: WallClock.now()), root: Environment.root,
            purpose: purpose, order: order, wanted: wanted, from: first, fetchWords: fetchWords, isQuiet: isQuiet)
        return try NightRunner(plan, config, on: LocalLauncher(Installation()), settings: .fromEnvironment)
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
