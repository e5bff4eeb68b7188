internal import JSON

/// The name of a recording: its key at the source, relative to the source's prefix.
///
/// Ids are compared, ordered and hashed as UTF-8 bytes: two keys that differ only in Unicode normalisation are two items.
public struct ItemID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The id as text.
    public let text: String

    /// The largest length of an id in bytes.
    public static let longest = 1024

    /// Wraps a key unchanged.
    public init(_ text: String) { self.text = text }

    /// Equality of bytes.
    public static func == (a: ItemID, b: ItemID) -> Bool { a.text.hasSameBytes(as: b.text) }
    /// Order of bytes.
    public static func < (a: ItemID, b: ItemID) -> Bool { a.text.precedesByBytes(b.text) }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// The id as text.
    public var description: String { text }
}
