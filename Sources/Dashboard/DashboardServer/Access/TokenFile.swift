internal import Digests
internal import Durable
public import Fault

/// The users: a file of lines `NAME ROLE SHA256`, with comments after `#`.
public struct TokenFile: Sendable {
    /// One line.
    public struct Entry: Sendable {
        let visitor: Visitor
        let digest: Digest
    }

    let entries: [Entry]

    /// Reads a file (66 if it is missing, 78 if a line is wrong or there are no lines).
    public init(path: String) throws(Fault) {
        let (file, fault) = Self.reading(path)
        if let fault { throw fault }
        self = file
    }

    private init(entries: [Entry]) { self.entries = entries }

    /// Reads a file that may have become invalid: valid lines grant access, invalid ones do not.
    ///
    /// - Returns: the file's valid lines, and what is wrong with it.
    static func reading(_ path: String) -> (file: TokenFile, fault: Fault?) {
        do throws(Fault) {
            let bytes = try AtomicFile.read(path, atMost: 1 << 20)
            return TokenFile.parsing(String(decoding: bytes, as: UTF8.self), path: path)
        } catch {
            return (TokenFile(entries: []), error)
        }
    }

    private static func parsing(_ text: String, path: String) -> (file: TokenFile, fault: Fault?) {
        var entries: [Entry] = []
        var fault: Fault?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            if words.isEmpty { continue }
            guard words.count == 3, Self.isName(words[0]), let role = Role(rawValue: words[1]),
                let digest = Digest(hex: words[2])
            else {
                let said = "not a line NAME ROLE SHA256; 'dashboard token NAME --role viewer' prints one"
                fault = fault ?? Fault(.configuration, "\(path):\(index + 1): \(said)")
                continue
            }
            entries.append(Entry(visitor: Visitor(name: words[0], role: role), digest: digest))
        }
        if entries.isEmpty {
            let said =
                "contains no token, so no one can log in; 'dashboard token NAME --role viewer >>\(path)' adds one"
            fault = fault ?? Fault(.configuration, "'\(path)' \(said)")
        }
        return (TokenFile(entries: entries), fault)
    }

    /// The line for a new token.
    public static func line(name: String, role: Role, token: AccessToken) throws(Fault) -> String {
        guard isName(name) else {
            throw Fault(.usage, "'\(name)' is not a valid name: use 1 to 64 letters, digits, '.', '_', '-' and '@'")
        }
        return "\(name) \(role.rawValue) \(token.digest)"
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                byte.isASCIILetterOrDigit || "._-@".utf8.contains(byte)
            }
    }

    /// The entry of a token. All entries are compared in constant time, so that the time of the answer reveals nothing
    /// about a digest.
    func entry(of token: AccessToken) -> Entry? {
        let presented = token.digest
        var found: Entry?
        for entry in entries where entry.digest.isSame(as: presented) { found = found ?? entry }
        return found
    }
}

extension UInt8 {
    var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
