import TOMLText

/// The reference tables of `docs/configuration.md`, made from the schema.
package enum Reference {
    /// All sections, as Markdown.
    package static func markdown() -> String {
        var sections: [(title: String, schema: SectionSchema)] = [("At the top", .top)]
        sections += StageTool.allCases.flatMap { nested("\($0.rawValue)", $0.schema) }
        sections += nested("schedule", .schedule) + nested("alerts", .alerts) + nested("metrics", .metrics)
        sections += nested("gc", .retention) + nested("stream", .stream)
        return sections.map { "### \($0.title)\n\n" + table($0.schema) }.joined(separator: "\n")
    }

    /// A section and the tables in it.
    private static func nested(_ name: String, _ schema: SectionSchema) -> [(title: String, schema: SectionSchema)] {
        var found = [(title: "[\(name)]", schema: schema)]
        for key in schema.keys {
            switch key.kind {
            case .table(let inner): found += nested("\(name).\(key.name)", inner)
            case .tables(let inner):
                found += nested("\(name).\(key.name)", inner).map { ("\($0.title) NAME = { … }", $0.schema) }
            default: break
            }
        }
        return found
    }

    private static func table(_ schema: SectionSchema) -> String {
        let rows = schema.keys.map { key in
            "| `\(key.name)` | \(escaped(key.kind.expectation)) | \(fallback(of: key)) "
                + "| \(key.isResultBearing ? "yes" : "") | \(escaped(key.doc + restriction(of: key))) |\n"
        }
        return "| key | value | default | changes bytes | meaning |\n| --- | --- | --- | --- | --- |\n" + rows.joined()
    }

    private static func fallback(of key: KeySchema) -> String {
        if key.isRequired { return "required" }
        guard let fallback = key.fallback else { return "" }
        let others = key.fallbacksByKind.sorted { $0.key < $1.key }.map { "`\($0.value.written)` for `\($0.key)`" }
        return (["`\(fallback.written)`"] + others).joined(separator: "; ")
    }

    private static func restriction(of key: KeySchema) -> String {
        key.kinds.isEmpty ? "" : " (only for " + key.kinds.map { "`\($0)`" }.joined(separator: ", ") + ")"
    }

    /// A bar would end the cell.
    private static func escaped(_ text: String) -> String {
        String(text.flatMap { $0 == "|" ? "\\|" : String($0) })
    }
}
