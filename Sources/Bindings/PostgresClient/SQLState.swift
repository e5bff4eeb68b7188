internal import CPQ
public import Fault

/// What PostgreSQL reported besides its message; the cause of every fault from the server.
public struct PostgresFailure: Error, Sendable, CustomStringConvertible {
    /// The five characters that identify the failure (appendix A of PostgreSQL's manual).
    public let sqlState: String
    /// The server's detail, if it gave one.
    public let detail: String?
    /// The server's hint, if it gave one.
    public let hint: String?

    /// `SQLSTATE 42P01, detail…, hint: …`
    public var description: String {
        var text = "SQLSTATE \(sqlState)"
        if let detail { text += ", \(detail)" }
        if let hint { text += ", hint: \(hint)" }
        return text
    }
}

extension Fault {
    /// The SQLSTATE, if PostgreSQL reported the failure.
    public var sqlState: String? { (cause as? PostgresFailure)?.sqlState }
}

/// The kind of fault behind a SQLSTATE, which decides what the caller, and cron, should do.
enum SQLState {
    static func kind(_ state: String) -> Fault.Kind {
        switch state {
        case "42501": return .denied  // insufficient privilege
        case "3D000": return .missing  // no such database
        case "55P03": return .retryLater  // a lock was not available in time
        case "57014": return .unavailable  // cancelled by the server's own statement timeout or by its administrator
        case "25P03": return .unavailable  // idle in transaction for too long
        default: break
        }
        switch state.prefix(2) {
        case "08": return .unavailable  // connection exceptions
        case "28": return .denied  // authentication
        case "40": return .unavailable  // serialization failure, deadlock: a second try succeeds
        case "53": return .unavailable  // too many connections, out of memory, disk full: the server's trouble
        case "57": return .unavailable  // shutting down, starting up, crashed
        case "58", "XX": return .unavailable  // the server's system or the server itself failed
        case "23": return .defect  // a constraint was violated: every value is checked before it is sent
        default: return .configuration  // a statement, a type or a schema that does not fit
        }
    }

    /// The SQLSTATE in a verbose message, `…failed: FATAL:  28P01: password authentication failed…`.
    ///
    /// libpq keeps no SQLSTATE for a refused connection, and the text may be in any language.
    static func find(in message: String) -> String? {
        let bytes = Array(message.utf8)
        let (colon, space) = (UInt8(ascii: ":"), UInt8(ascii: " "))
        guard bytes.count >= 10 else { return nil }
        for at in 0...(bytes.count - 10)
        where bytes[at] == colon && bytes[at + 1] == space && bytes[at + 2] == space && bytes[at + 8] == colon
            && bytes[at + 9] == space
        {
            let state = bytes[(at + 3)..<(at + 8)]
            let isState = state.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
            if isState { return String(decoding: state, as: UTF8.self) }
        }
        return nil
    }
}
