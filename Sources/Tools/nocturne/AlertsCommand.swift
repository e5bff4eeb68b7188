import Alerts
import ArgumentParser
import Fault
import Night
import PipelineConfig
import Time
import ToolKit

struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Prints a batch's alerts, or sends a test through the channels.",
        discussion: """
            Each line: when, severity, stage, kind, message, and which channels took it; '-' for none, 'resolved' where \
            the cause has gone. With --test, an alert of kind 'test' goes through every channel of [alerts]; exit code \
            69 if one of them fails.
            """)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch, by default the day that is due by the pipeline's [schedule].")
    var batch: String?
    @Flag(help: "Sends a test alert through every channel, and records nothing.")
    var test = false

    func run() throws {
        let config = try pipeline.load()
        let desk = try AlertDesk(
            config, name: pipeline.pipeline, batch: batch ?? config.defaultBatch(now: WallClock.now()),
            root: Environment.root, settings: .fromEnvironment)
        if test { return try sendTest(desk) }
        var table = TextTable(["raised", "severity", "stage", "kind", "told", "message"])
        let alerts = try desk.alerts()
        for raised in alerts {
            var told = raised.delivered.sorted().joined(separator: ",")
            if raised.isResolved { told += told.isEmpty ? "resolved" : ",resolved" }
            let alert = raised.alert
            table.add([
                raised.raisedAt, alert.severity.rawValue, alert.stage ?? "-", alert.kind.rawValue,
                told.isEmpty ? "-" : told, alert.message,
            ])
        }
        if !alerts.isEmpty { for line in table.lines { ToolMain.print(line) } }
    }

    private func sendTest(_ desk: AlertDesk) throws {
        let results = desk.test()
        if results.isEmpty {
            throw Fault(
                .configuration, "\(pipeline.pipeline) has no alert channel: [alerts] names no command and no webhook")
        }
        for (channel, failure) in results {
            ToolMain.print("\(channel): \(failure.map { "failed: \($0)" } ?? "taken")")
        }
        if results.contains(where: { $0.failure != nil }) { throw ExitCode(Fault.Kind.unavailable.exitCode) }
    }
}
