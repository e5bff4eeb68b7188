/// Every section that `pipeline.toml` may have.
enum SectionCatalog {
    /// A section, and how it is written.
    struct Entry {
        /// The path of its name: `fetch.metadata`.
        let name: String
        /// As shown in the reference: `[fetch.metadata]`.
        let title: String
        let schema: SectionSchema
        /// Whether its keys are under names chosen by the owner, or in an array.
        let isNamedByOwner: Bool
    }

    /// The sections of the stages, in the order of the chain, then the others; each followed by its tables.
    static var all: [Entry] {
        StageTool.allCases.flatMap { under($0.rawValue, $0.settings.schema) } + inside("", TopConfig.schema, false)
    }

    /// The names of the top-level sections.
    static var names: [String] { all.map(\.name).filter { !$0.contains(".") } }

    private static func under(
        _ name: String, _ schema: SectionSchema, title: String? = nil, isNamedByOwner: Bool = false
    ) -> [Entry] {
        [Entry(name: name, title: title ?? "[\(name)]", schema: schema, isNamedByOwner: isNamedByOwner)]
            + inside(name + ".", schema, isNamedByOwner)
    }

    private static func inside(_ prefix: String, _ schema: SectionSchema, _ isNamedByOwner: Bool) -> [Entry] {
        schema.keys.flatMap { key -> [Entry] in
            let name = prefix + key.name
            return switch key.kind {
            case .table(let section): under(name, section.schema, isNamedByOwner: isNamedByOwner)
            case .tables(let section):
                under(name, section.schema, title: "[\(name)] NAME = { … }", isNamedByOwner: true)
            case .list(let section): under(name, section.schema, title: "[[\(name)]]", isNamedByOwner: true)
            default: []
            }
        }
    }
}
