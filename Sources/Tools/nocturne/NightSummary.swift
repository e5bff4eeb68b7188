import Alerts
import ArgumentParser
import BatchFormat
import JSON
import Night
import PipelineConfig
import ToolKit

extension NightReport {
    /// One line: how the night ended.
    var verdict: String {
        let how = ending.code == 0 ? "done" : "failed in \(ending.stage ?? "make") with exit code \(ending.code)"
        return "\(pipeline) \(batch): \(how)"
    }

    /// Prints the summary and exits with the night's code.
    ///
    /// - Parameter silent: says nothing when all went well.
    func end(silent: Bool) throws {
        if !(silent && isAllWell) { for line in summary { ToolMain.print(line) } }
        if ending.code != 0 { throw ExitCode(ending.code) }
    }

    /// The night for a person: a line per stage, what is the matter, and what to do.
    var summary: [String] {
        var table = TextTable(["stage", "version", "items", "rejected", "seconds", "speed", "memory", "reasons"])
        for stage in stages { table.add(stage.row) }
        var lines = ["\(verdict) after \(seconds.rounded(decimals: 1)) s"]
        lines += table.lines.map { "  \($0)" }
        for alert in open {
            let isNew = raised.contains { $0.id == alert.id }
            lines.append("alert: \(alert.alert.message)" + (isNew ? "" : " (since \(alert.raisedAt))"))
        }
        for alert in raised where !open.contains(where: { $0.id == alert.id }) {
            lines.append("alert: \(alert.alert.message)")
        }
        lines += warnings.map { "warning: \($0)" }
        let isTroubled = ending.code == 0 && !(open.isEmpty && warnings.isEmpty)
        let remedy = isTroubled ? "docs/alerts.md tells what the lines above mean" : advice.remedy
        lines.append("exit code \(ending.code): \(advice.meaning); \(remedy)")
        return lines
    }
}

extension StageFigures {
    /// The stage's line; what is not known is left empty.
    fileprivate var row: [String] {
        // A store's version holds a receipt, not items.
        let counts = tool == .store ? nil : seal
        return [
            self.stage, state, counts.map { "\($0.items)" } ?? "", counts.map { "\($0.rejected)" } ?? "",
            seconds.map { "\($0.rounded(decimals: 2))" } ?? "",
            speed.map { "\(Int($0.rounded()))x" } ?? "",
            peakMemoryBytes.map { HumanSize.text($0) } ?? "",
            (counts?.rejectedByReason ?? []).map { "\($0.reason) \($0.count)" }.joined(separator: ", "),
        ]
    }
}
