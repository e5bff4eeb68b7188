import Alerts
import ArgumentParser
import BatchFormat
import Fault
import JSON
import Night
import PipelineConfig
import ToolKit

extension NightReport {
    /// The result of the night in one line.
    var verdict: String {
        if outcome.isDone { return "\(pipeline) \(batch): done" }
        if outcome.isWaiting {
            let waiting = outcome.failures.map { "\($0.stage) \($0.version ?? "")" }.joined(separator: ", ")
            return "\(pipeline) \(batch): done on what is pinned, while \(waiting) waits, with exit code "
                + "\(outcome.status.code)"
        }
        let place = outcome.cause.map { " in \($0.stage)" } ?? ""
        return "\(pipeline) \(batch): failed\(place) with exit code \(outcome.status.code)"
    }

    /// Prints the summary and exits with the night's code.
    ///
    /// - Parameter silent: says nothing when all went well.
    func end(silent: Bool, _ output: JSONOption) throws {
        if output.json {
            if !(silent && isAllWell) { ToolMain.print(json.text(.line)) }
        } else if !(silent && isAllWell) {
            for line in summary { ToolMain.print(line) }
        }
        if !outcome.isDone { throw ExitCode(outcome.status.code) }
    }

    /// The night for a person: a line per stage, what is the matter, and what to do.
    var summary: [String] {
        var table = TextTable(["stage", "version", "items", "rejected", "seconds", "speed", "memory", "reasons"])
        for stage in stages { table.add(stage.row) }
        var lines = ["\(verdict) after \(seconds.rounded(decimals: 1)) s"]
        lines += table.lines.map { "  \($0)" }
        if !moved.isEmpty {
            let moves = moved.map { "\($0.stage) from v\($0.from) to v\($0.to)" }.joined(separator: ", ")
            lines.append("current moved: \(moves)")
        }
        lines += endings
        for alert in open {
            let isNew = raised.contains { $0.id == alert.id }
            lines.append("alert: \(alert.alert.message)" + (isNew ? "" : " (since \(alert.raisedAt))"))
        }
        for alert in raised where !open.contains(where: { $0.id == alert.id }) {
            lines.append("alert: \(alert.alert.message)")
        }
        lines += warnings.map { "warning: \($0)" }
        let isTroubled = outcome.isDone && !(open.isEmpty && warnings.isEmpty)
        let remedy = isTroubled ? "docs/alerts.md explains the lines above" : advice.remedy
        lines.append("exit code \(outcome.status.code): \(advice.meaning); \(remedy)")
        return lines
    }
}

extension NightReport {
    /// What the stages said that did not end well, where no alert says it already; and which ended because of another one.
    private var endings: [String] {
        let alerts = (open + raised).map(\.alert.message)
        let unsaid = outcome.failures.filter { ending in !alerts.contains { $0.contains(ending.message) } }
        var lines = unsaid.map { "\($0.stage): \($0.message)" }
        if let cause = outcome.cause, !outcome.consequences.isEmpty {
            let names = outcome.consequences.map(\.stage).joined(separator: ", ")
            lines.append("because of \(cause.stage): \(names)")
        }
        return lines
    }
}

extension StageFigures {
    /// The stage's line; what is not known is left empty.
    fileprivate var row: [String] {
        // A store's version contains a receipt, not items.
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
