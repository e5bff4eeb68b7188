/// The reference tables of `docs/configuration.md`, generated from the declarations of the keys.
package enum Reference {
    /// All sections, as Markdown.
    package static func markdown() -> String {
        let sections =
            [(title: "At the top", schema: TopConfig.schema)]
            + SectionCatalog.all.map { (title: $0.title, schema: $0.schema) }
        return sections.map { "### \($0.title)\n\n" + table(of: $0.schema) }.joined(separator: "\n")
    }

    /// The keys of one section, as a Markdown table.
    package static func table(of schema: SectionSchema) -> String {
        let rows = schema.keys.map { key in
            "| `\(key.name)` | \(escaped(key.kind.expectation)) | \(fallback(of: key)) "
                + "| \(key.changesBytes ? "yes" : "") | \(escaped(meaning(of: key))) |\n"
        }
        return "| key | value | default | changes bytes | meaning |\n| --- | --- | --- | --- | --- |\n" + rows.joined()
    }

    private static func fallback(of key: KeySchema) -> String {
        if key.isRequired { return "required" }
        guard let fallback = key.fallback else { return "" }
        let others = key.exceptions.flatMap { exception in
            exception.condition.words.map { "`\(key.kind.written(exception.value))` for `\($0)`" }
        }
        return (["`\(key.kind.written(fallback))`"] + others).joined(separator: "; ")
    }

    private static func meaning(of key: KeySchema) -> String {
        let words = key.condition?.words.map { "`\($0)`" }.joined(separator: ", ")
        return key.doc + (words.map { " (only for \($0))" } ?? "") + (key.example.map { ". Example: `\($0)`" } ?? "")
    }

    /// A bar would end the cell.
    private static func escaped(_ text: String) -> String {
        String(text.flatMap { $0 == "|" ? "\\|" : String($0) })
    }
}
