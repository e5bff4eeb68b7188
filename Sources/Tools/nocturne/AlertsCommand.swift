import Alerts
import ArgumentParser
import Fault
import JSON
import Night
import PipelineConfig
import Time
import ToolKit

struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Prints a batch's alerts, or sends a test through the channels.",
        discussion: """
            Each line: when it was raised, severity, stage, kind, the channels it was sent to ('-' for none) and 'resolved' \
            if the cause has gone, and the message. With --test, an alert of kind 'test' is sent to every channel of [alerts]; exit code \
            69 if one of them fails.
            """)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The batch. (default: the day due by the pipeline's [schedule])")
    var batch: String?
    @Flag(help: "Sends a test alert to every channel, without recording it.")
    var test = false
    @OptionGroup var output: JSONOption

    func run() throws { try output.reporting(printAlerts) }

    private func printAlerts() throws {
        let config = try pipeline.load()
        let outbox = try AlertOutbox(
            config, name: pipeline.pipeline, batch: batch ?? config.defaultBatch(now: WallClock.now()),
            root: Environment.root, settings: .fromEnvironment)
        if test { return try sendTest(outbox) }
        var table = TextTable(["raised", "severity", "stage", "kind", "sent to", "message"])
        let alerts = try outbox.alerts()
        if output.json {
            for raised in alerts {
                var object = raised.members
                object["delivered"] = .array(raised.delivered.sorted().map { .string($0) })
                object["resolved"] = .bool(raised.isResolved)
                ToolMain.print(JSON.object(object).text(.line))
            }
            return
        }
        for raised in alerts {
            var takers = raised.delivered.sorted().joined(separator: ",")
            if raised.isResolved { takers += takers.isEmpty ? "resolved" : ",resolved" }
            let alert = raised.alert
            table.add([
                raised.raisedAt, alert.severity.rawValue, alert.stage ?? "-", alert.kind.rawValue,
                takers.isEmpty ? "-" : takers, alert.message,
            ])
        }
        if !alerts.isEmpty { for line in table.lines { ToolMain.print(line) } }
    }

    private func sendTest(_ outbox: AlertOutbox) throws {
        let results = outbox.test()
        if results.isEmpty {
            throw Fault(
                .configuration, "\(pipeline.pipeline) has no alert channel; set a command or a webhook in [alerts]")
        }
        for (channel, failure) in results {
            output.print(
                [
                    "channel": .string(channel), "accepted": .bool(failure == nil),
                    "message": failure.map { .string("\($0)") } ?? .null,
                ], orText: "\(channel): \(failure.map { "failed: \($0)" } ?? "accepted")")
        }
        if results.contains(where: { $0.failure != nil }) { throw ExitCode(Fault.Kind.unavailable.exitCode) }
    }
}
