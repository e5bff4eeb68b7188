public import Fault

/// A query whose named parameters, such as `:batch`, are bound by the server and never pasted into the text.
///
/// Names are recognised only in code: not in strings, quoted identifiers, dollar quotes, comments or casts.
public struct NamedQuery: Sendable {
    /// The query with the names replaced by `$1`, `$2`, …
    public let sql: String
    /// The values of `$1`, `$2`, …
    public let parameters: [String]

    /// Parses a query. Throws `.configuration`, with line and column, for a name that is not in `values`, for a
    /// handwritten `$1`, and for a quote or comment that does not end.
    public init(_ text: String, values: [String: String]) throws(Fault) {
        var scanner = SQLScanner(text)
        var sql: [UInt8] = []
        var parameters: [String] = []
        while let piece = try scanner.next() {
            switch piece {
            case .verbatim(let bytes): sql += bytes
            case .parameter(let name):
                guard let value = values[name] else {
                    let known = values.keys.sorted().map { ":" + $0 }.joined(separator: ", ")
                    throw scanner.fault("the query names :\(name), which is unknown (known: \(known))")
                }
                // Each place gets its own number, so that one name may be a date here and a text there.
                parameters.append(value)
                sql += "$\(parameters.count)".utf8
            }
        }
        self.sql = String(decoding: sql, as: UTF8.self)
        self.parameters = parameters
    }
}
