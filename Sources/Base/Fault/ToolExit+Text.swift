extension ToolExit {
    /// The section that ends a tool's `--help`.
    ///
    /// - Parameters:
    ///   - kinds: the failures that the command can end with.
    ///   - meanings: the meaning of codes for this command, if it differs from that for a stage.
    public static func help(_ kinds: [Fault.Kind] = Fault.Kind.all, meanings: [Int32: String] = [:]) -> String {
        var lines = ["EXIT STATUS"]
        for status in [done] + kinds.map({ ToolExit($0) }) {
            let code = String(repeating: " ", count: max(0, 5 - "\(status.code)".count)) + "\(status.code)"
            lines.append("\(code)  \(meanings[status.code] ?? status.meaning)")
        }
        let retried = kinds.filter { ToolExit($0).isRetried }.map { "\($0.exitCode)" }
        lines.append(
            "  128+n  ended by signal n: 137 killed (often because memory ran out), 139 crashed, 141 output not read")
        if !retried.isEmpty { lines.append("  Retry \(retried.joined(separator: " and ")), and nothing else.") }
        return lines.joined(separator: "\n")
    }

    /// The table of the documentation, in Markdown.
    public static var table: String {
        let signals = crashes.sorted { $0.key < $1.key }
        let crash = ToolExit(code: signals[0].key)
        var rows = all.map { (order: $0.code, "\($0.code)", $0.meaning, $0.remedy) }
        rows.append(
            (
                signals[0].key, signals.map { "\($0.key)" }.joined(separator: ", "),
                "the tool crashed (\(signals.map(\.value).joined(separator: ", ")))", crash.remedy
            ))
        let lines = rows.sorted { $0.order < $1.order }.map { "| \($0.1) | \($0.2) | \($0.3) |" }
        return (["| code | what happened | what to do |", "| --- | --- | --- |"] + lines).joined(separator: "\n") + "\n"
    }
}
