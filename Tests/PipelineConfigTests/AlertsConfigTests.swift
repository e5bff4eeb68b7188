import Foundation
import PipelineConfig
import Testing

/// `[alerts]` and `[metrics]`.
struct AlertsConfigTests {
    @Test func `without the sections there are rules, and nobody is told`() throws {
        let config = try parse(smallest)
        #expect(config.alerts.command.isEmpty && config.alerts.webhook == nil)
        #expect(config.alerts.minSuccessRate == 0.8 && config.alerts.memory == 0.7 && config.alerts.slowBatch == 5)
        #expect(config.metricsTextfile == nil)
    }

    @Test func `the sections say it all`() throws {
        let config = try parse(
            smallest + """

                [alerts]
                command = ["mail", "-s", "nocturne", "ops"]
                command_timeout = "5 s"
                webhook = "https://hooks.example.org/nocturne"
                webhook_timeout = "2 s"
                min_success_rate = "95%"
                memory = "60%"
                slow_batch = 3
                slow_batch_least = "500 ms"
                [metrics]
                textfile = "/var/lib/metrics/nocturne-{pipeline}.prom"
                """)
        let alerts = config.alerts
        #expect(alerts.command == ["mail", "-s", "nocturne", "ops"] && alerts.commandTimeout == 5)
        #expect(alerts.webhook == "https://hooks.example.org/nocturne" && alerts.webhookTimeout == 2)
        #expect(alerts.minSuccessRate == 0.95 && alerts.memory == 0.6)
        #expect(alerts.slowBatch == 3 && alerts.slowBatchLeast == 0.5)
        #expect(config.metricsTextfile == "/var/lib/metrics/nocturne-\(config.name).prom")
    }

    @Test(
        arguments: [
            ("[alerts]\nwebhok = \"https://a.b/c\"", "did you mean alerts.webhook?"),
            ("[alerts]\nwebhook = \"https://me:pw@a.b/c\"", "secrets do not belong in pipeline.toml"),
            ("[alerts]\nwebhook = \"ftp://a.b/c\"", "alerts.webhook must be https://… or http://…"),
            ("[alerts]\nsecret = \"x\"", "secrets do not belong in pipeline.toml"),
            ("[alerts]\nmin_success_rate = 0.9", "must be a percentage"),
            ("[alerts]\ncommand = []", "alerts.command must be"),
            ("alerts = 3", "must be a table"), ("metrics = true", "must be a table"),
            ("[metrics]\ntextfile = \"/tmp/nocturne.txt\"", "ends in \".prom\""),
            ("[metric]\ntextfile = \"a.prom\"", "did you mean [metrics]?"),
            ("[infer]\nmin_success_rate = \"90%\"", "it belongs to [alerts]"),
        ])
    func `what is wrong is said`(section: String, words: String) {
        let isTop = section.hasPrefix("alerts =") || section.hasPrefix("metrics =")
        let base = section.hasPrefix("[infer]") ? smallest.components(separatedBy: "[infer]")[0] : smallest
        let text = isTop ? smallest.replacing("format = 1", with: "format = 1\n\(section)") : base + "\n" + section
        let message = messageOfFault { try PipelineConfig.parse(text: text, fileName: "pipeline.toml") }
        #expect(message.contains(words), "\(message)")
    }
}
