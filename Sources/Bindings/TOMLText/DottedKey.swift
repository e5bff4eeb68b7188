/// A key path as people write it: `clean.fields."gain (dB)".min`.
package func dotted(_ path: [String]) -> String {
    path.map { part in
        let isBare = !part.isEmpty && part.utf8.allSatisfy { Character(Unicode.Scalar($0)).isBareKeyCharacter }
        return isBare ? part : TOMLNode.string(part).shown
    }.joined(separator: ".")
}

extension Character {
    fileprivate var isBareKeyCharacter: Bool { isASCII && (isLetter || isNumber || self == "_" || self == "-") }
}
