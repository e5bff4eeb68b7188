import TOMLText

/// Suggestions for unknown keys.
enum Suggestion {
    /// The rest of a sentence, with its punctuation; empty if there is nothing to suggest.
    static func forUnknown(_ path: [String], in schema: SectionSchema) -> String {
        guard let name = path.last else { return "" }
        let around = path.dropLast()
        if looksSecret(name) {
            return ": secrets do not belong in pipeline.toml, but in the environment, PGPASSFILE or ~/.aws/credentials"
        }
        // The same word in another section beats a similar word in this one: keys mostly end up in the wrong section.
        if let home = home(of: name, otherThan: around.joined(separator: ".")) { return ": it belongs to [\(home)]" }
        if let near = nearest(to: name, among: schema.keys.map(\.name)) {
            return "; did you mean \(dotted(around + [near]))?"
        }
        return ": known are " + schema.keys.map(\.name).joined(separator: ", ")
    }

    /// The section that has a key of a name.
    private static func home(of name: String, otherThan section: String) -> String? {
        let homes = SectionCatalog.all.filter { !$0.isNamedByOwner && $0.schema[name] != nil && $0.name != section }
        return homes.count == 1 ? homes[0].name : nil
    }

    private static func looksSecret(_ name: String) -> Bool {
        ["password", "passwd", "secret", "token", "access_key", "credential"].contains {
            name.lowercased().contains($0)
        }
    }
}
