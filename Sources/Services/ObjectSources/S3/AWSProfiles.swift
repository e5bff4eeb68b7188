/// The two files in which AWS's tools keep profiles, read as those tools do: `[name]` or `[profile name]`, then `key =
/// value`; lines that start with `#` or `;` are comments, indented ones belong to a nested table and are skipped.
struct AWSProfiles {
    private var profiles: [String: [String: String]] = [:]

    /// The value of a key in a profile.
    func value(_ key: String, of profile: String) -> String? { profiles[profile]?[key] }

    /// Whether a profile exists.
    func has(_ profile: String) -> Bool { profiles[profile] != nil }

    /// The keys of a profile.
    func keys(of profile: String) -> [String] { profiles[profile].map { $0.keys.sorted() } ?? [] }

    /// Adds a file's profiles; existing values win, so the credentials file is added first.
    mutating func add(_ text: String) {
        var current: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let isIndented = line.first == " " || line.first == "\t"
            let trimmed = line.trimmingBlanks()
            if trimmed.isEmpty || trimmed.hasPrefix("#") || trimmed.hasPrefix(";") { continue }
            if trimmed.hasPrefix("["), let close = trimmed.firstIndex(of: "]") {
                current = Self.profileName(trimmed[trimmed.index(after: trimmed.startIndex)..<close].trimmingBlanks())
                if let current, profiles[current] == nil { profiles[current] = [:] }
            } else if let current, !isIndented, let equals = trimmed.firstIndex(of: "=") {
                let key = trimmed[..<equals].trimmingBlanks().lowercased()
                let value = Self.withoutComment(trimmed[trimmed.index(after: equals)...].trimmingBlanks())
                if profiles[current]?[key] == nil { profiles[current]?[key] = value }
            }
        }
    }

    /// `nil` for sections that are not profiles (`[sso-session x]`, `[services x]`).
    private static func profileName(_ header: String) -> String? {
        let words = header.split(separator: " ", maxSplits: 1).map { String($0).trimmingBlanks() }
        if words.count == 2 {
            guard words[0] == "profile" else { return nil }
            return words[1].trimming("\"")
        }
        return words.first
    }

    /// A `#` or `;` after a space starts a comment.
    private static func withoutComment(_ value: String) -> String {
        var previous: Character = "x"
        for index in value.indices {
            if value[index] == "#" || value[index] == ";", previous == " " || previous == "\t" {
                return value[..<index].trimmingBlanks()
            }
            previous = value[index]
        }
        return value
    }
}

extension StringProtocol {
    func trimmingBlanks() -> String { trimming(" \t\r") }

    func trimming(_ characters: String) -> String {
        let start = firstIndex { !characters.contains($0) } ?? endIndex
        let end = lastIndex { !characters.contains($0) }.map { index(after: $0) } ?? start
        return String(self[start..<end])
    }
}
