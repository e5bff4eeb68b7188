/// A key path in its written form: `clean.fields."gain (dB)".min`, `rules[2].name`.
package func dotted(_ path: [String]) -> String {
    path.reduce(into: "") { text, part in
        if part.isElement {
            text += part
        } else {
            let isBare = !part.isEmpty && part.utf8.allSatisfy { Character(Unicode.Scalar($0)).isBareKeyCharacter }
            text += (text.isEmpty ? "" : ".") + (isBare ? part : TOMLNode.string(part).shown)
        }
    }
}

extension String {
    /// Whether it stands for an element of an array in a path.
    fileprivate var isElement: Bool {
        hasPrefix("[") && hasSuffix("]") && Int(dropFirst().dropLast()).map(KeyLines.element) == self
    }
}

extension Character {
    fileprivate var isBareKeyCharacter: Bool { isASCII && (isLetter || isNumber || self == "_" || self == "-") }
}
