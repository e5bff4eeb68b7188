/// Why a key cannot become an item: the `bad_key` rejections.
public struct KeyProblem: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in words: lower case, no full stop.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Which keys may become items. A key is used in messages, file names and URLs on many machines; keys that could
/// mislead any of them are rejected.
package enum KeyRules {
    /// S3's own limit.
    static let longest = 1024

    /// What is wrong with a key relative to its source's prefix; `nil` if nothing is.
    package static func problem(with key: some Collection<UInt8>) -> KeyProblem? {
        if key.isEmpty { return KeyProblem("the key is empty") }
        if key.count > longest { return KeyProblem("the key is \(key.count) bytes long, more than \(longest)") }
        if String(validating: key, as: UTF8.self) == nil { return KeyProblem("the key is not valid UTF-8") }
        if key.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return KeyProblem("the key holds a control character") }
        for component in key.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            // "." as well: HTTP clients and servers drop it from a URL, and would fetch another object.
            if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
                return KeyProblem("the key holds the path component '\(String(decoding: component, as: UTF8.self))'")
            }
        }
        // Tensors are named by ids, and safetensors reserves this name.
        if key.elementsEqual("__metadata__".utf8) { return KeyProblem("the key is a name that tensor files reserve") }
        if Array(key).last == UInt8(ascii: "/") { return KeyProblem("the key ends with a slash") }
        return nil
    }

    /// A key as text: bytes that are not UTF-8 become U+FFFD and two hex digits, so that different keys stay different.
    package static func text(_ key: some Collection<UInt8>) -> String {
        if let text = String(validating: key, as: UTF8.self) { return text }
        var text = ""
        for piece in Unicode.UTF8.pieces(of: Array(key)) {
            switch piece {
            case .scalar(let scalar): text.unicodeScalars.append(scalar)
            case .stray(let byte): text += "\u{FFFD}" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }
}

extension Unicode.UTF8 {
    fileprivate enum Piece {
        case scalar(Unicode.Scalar)
        case stray(UInt8)
    }

    /// The scalars of a text, and the bytes between them that belong to none.
    fileprivate static func pieces(of bytes: [UInt8]) -> [Piece] {
        var pieces: [Piece] = []
        var at = 0
        while at < bytes.count {
            let longest = min(4, bytes.count - at)
            let length = (1...longest).first { String(validating: bytes[at..<at + $0], as: UTF8.self) != nil }
            if let length, let scalar = String(decoding: bytes[at..<at + length], as: UTF8.self).unicodeScalars.first {
                pieces.append(.scalar(scalar))
                at += length
            } else {
                pieces.append(.stray(bytes[at]))
                at += 1
            }
        }
        return pieces
    }
}
