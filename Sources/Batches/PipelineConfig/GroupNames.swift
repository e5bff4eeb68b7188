/// The named groups of a regular expression.
package enum GroupNames {
    /// The names in the order of the pattern: of `(?<name>…)` and `(?P<name>…)`, not of `(?<=…)` and `(?<!…)`.
    package static func of(_ pattern: String) -> [String] {
        var names: [String] = []
        var isEscaped = false
        var rest = Substring(pattern)
        while let character = rest.first {
            if !isEscaped, rest.hasPrefix("(?<") || rest.hasPrefix("(?P<") {
                let name = rest.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
                if let first = name.first, first != "=", first != "!" { names.append(String(name)) }
            }
            isEscaped = character == "\\" && !isEscaped
            rest = rest.dropFirst()
        }
        return names
    }
}
