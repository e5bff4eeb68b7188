internal import Fault
internal import JSON

/// Where a page ended, as opaque text: JSON in base64url.
enum Cursor {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Values as a cursor.
    static func text(_ values: [JSON]) -> String {
        var text: [UInt8] = []
        let bytes = JSON.array(values).bytes(.compact)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...group.count { text.append(alphabet[bits >> (18 - 6 * place) & 63]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The `count` values of a cursor. Throws `.usage` if the text is not one.
    static func values(_ text: String, count: Int) throws(Fault) -> [JSON] {
        var (bytes, bits, held): ([UInt8], Int, Int) = ([], 0, 0)
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { throw wrong }
            (bits, held) = ((bits << 6 | value) & 0xFFFF, held + 6)
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> held))
            }
        }
        guard let values = (try? JSON(parsing: bytes))?.array, values.count == count else { throw wrong }
        return values
    }

    static let wrong = Fault(.usage, "the cursor does not belong to this list; start again without one")
}
