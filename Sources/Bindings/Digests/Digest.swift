/// A SHA-256 digest: 32 bytes, written as 64 lower-case hex digits.
public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// The digest in hex.
    public let hex: String

    /// Takes 64 lower-case hex digits; `nil` for anything else.
    public init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        self.hex = hex
    }

    /// The digest of some bytes.
    public init(of bytes: some Sequence<UInt8>) {
        var hash = SHA256()
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { hash.update(UnsafeRawBufferPointer($0)) }
        if contiguous == nil { Array(bytes).withUnsafeBytes { hash.update($0) } }
        self = hash.finish()
    }

    /// The digest of bytes in memory, such as a mapped file's, read in place without copying.
    public init(ofBytes bytes: UnsafeRawBufferPointer) {
        var hash = SHA256()
        hash.update(bytes)
        self = hash.finish()
    }

    init(bytes: [UInt8]) { hex = bytes.hex }

    /// The hex digits.
    public var description: String { hex }
}

extension Sequence<UInt8> {
    /// The bytes as lower-case hex digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
