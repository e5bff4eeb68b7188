/// An entity tag without its quotes; a weak one keeps its `W/`.
package func unquotedTag(_ tag: String) -> String {
    guard tag.utf8.count >= 2, tag.hasPrefix("\""), tag.hasSuffix("\"") else { return tag }
    return String(tag.dropFirst().dropLast())
}
