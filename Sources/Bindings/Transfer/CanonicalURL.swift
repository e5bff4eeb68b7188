/// Percent-encoding as Signature Version 4 requires it. libcurl signs path and query as given, without encoding or
/// sorting, so the server computes the same signature only for a URL in this form.
public enum CanonicalURL {
    /// A path: every byte except unreserved ones and `/` becomes `%XX`, upper case.
    public static func path(_ bytes: some Sequence<UInt8>) -> String { encode(bytes, keepingSlash: true) }

    /// A query: names and values encoded, sorted by encoded name, then value; an empty value keeps its `=`.
    public static func query(_ parameters: [(name: String, value: String)]) -> String {
        parameters
            .map { (encode($0.name.utf8, keepingSlash: false), encode($0.value.utf8, keepingSlash: false)) }
            .sorted { $0.0 == $1.0 ? $0.1.utf8.lexicographicallyPrecedes($1.1.utf8) : precedes($0.0, $1.0) }
            .map { "\($0)=\($1)" }
            .joined(separator: "&")
    }

    /// The bytes behind a percent-encoded text; `nil` if a `%` is not followed by two hex digits.
    ///
    /// - Parameter plusIsSpace: as in HTML forms, and in S3's listings.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> [UInt8]? {
        var out: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue) else {
                    return nil
                }
                out.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: out.append(UInt8(ascii: " "))
            default: out.append(byte)
            }
        }
        return out
    }

    /// Makes a URL written by a person or a program valid: bytes not allowed in URLs (spaces, non-ASCII letters,
    /// controls, quotes) are encoded; the rest, including `%`, stays unchanged.
    public static func repair(_ text: String) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x00...0x20, 0x7F..., UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
                UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
                out.append(percentEncoding: byte)
            default: out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    private static func encode(_ bytes: some Sequence<UInt8>, keepingSlash: Bool) -> String {
        var out: [UInt8] = []
        for byte in bytes {
            if byte.isUnreserved || (keepingSlash && byte == UInt8(ascii: "/")) {
                out.append(byte)
            } else {
                out.append(percentEncoding: byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension UInt8 {
    /// RFC 3986's unreserved characters.
    package var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension [UInt8] {
    package mutating func append(percentEncoding byte: UInt8) {
        let digits: StaticString = "0123456789ABCDEF"
        append(UInt8(ascii: "%"))
        append(digits.utf8Start[Int(byte >> 4)])
        append(digits.utf8Start[Int(byte & 15)])
    }
}
