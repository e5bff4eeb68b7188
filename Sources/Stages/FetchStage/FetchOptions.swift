internal import BatchFormat
internal import Fault
internal import JSON
internal import PipelineConfig
internal import Transfer

/// `[fetch]`, ready for use.
struct FetchOptions {
    let keys: FetchConfig
    let sources: [String]
    private let include: [Glob]
    private let exclude: [Glob]
    private let idPattern: (regex: Regex<AnyRegexOutput>, names: [String])?

    init(_ keys: FetchConfig, batch: String) throws(Fault) {
        self.keys = keys
        sources = keys.source.map { Self.substitute($0, batch) }
        include = keys.include.map(Glob.init)
        exclude = keys.exclude.map(Glob.init)
        if let pattern = keys.idPattern {
            do {
                idPattern = (try Regex(pattern), GroupNames.of(pattern))
            } catch {
                throw Fault(.configuration, "fetch.id_pattern is not a regular expression: \(error)")
            }
        } else {
            idPattern = nil
        }
    }

    /// `{batch}` in a source or a path stands for the batch.
    static func substitute(_ text: String, _ batch: String) -> String {
        var (result, rest) = ("", text[...])
        while let range = rest.firstRange(of: "{batch}") {
            result += rest[..<range.lowerBound] + batch
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    /// Whether a key matches the include and exclude patterns.
    func takes(_ key: String) -> Bool {
        (include.isEmpty || include.contains { $0.matches(key) }) && !exclude.contains { $0.matches(key) }
    }

    /// The fields of an item: the named groups of `id_pattern`, overridden by the fields that came with it.
    func fields(of item: ListedItem) -> JSONObject {
        var fields = JSONObject()
        if let idPattern, let match = try? idPattern.regex.firstMatch(in: item.id.text) {
            for name in idPattern.names {
                if let text = match[name]?.substring { fields[name] = .string(String(text)) }
            }
        }
        for (name, value) in item.fields.members { fields[name] = value }
        return fields
    }
}
