import Fault
import TOMLText

/// Where a key is: on a line of the file, or in an argument.
enum Place: Sendable {
    case line(Int)
    /// The key as named by `--set`, without its value, which could be a secret.
    case argument(String)
    /// Nowhere: the key and its section are missing.
    case file
}

/// An error in a configuration.
struct Problem: Sendable {
    let place: Place
    let message: String

    func said(of file: String) -> String {
        switch place {
        case .line(let line): "\(file):\(line): \(message)"
        case .argument(let key) where message.hasPrefix(key + " "): "--set \(message)"
        case .argument(let key): "--set \(key): \(message)"
        case .file: "\(file): \(message)"
        }
    }
}

/// The place of each key of a configuration, and what `--set` overrides.
struct Places: Sendable {
    private let lines: KeyLines
    private var arguments: [[String]: String] = [:]

    init(_ lines: KeyLines) { self.lines = lines }

    /// Records that an argument set a key.
    mutating func set(_ path: [String], byText raw: String) { arguments[path] = raw }

    /// The text after the equals sign, for a key set by `--set`.
    func rawArgument(at path: [String]) -> String? { arguments[path] }

    /// The place of a key; for a missing one, the place of the nearest enclosing table.
    func place(of path: [String]) -> Place {
        var path = path
        // A section that only an argument made is where the argument is.
        if let inside = arguments.keys.filter({ $0.starts(with: path) }).min(by: { dotted($0) < dotted($1) }),
            lines.line(of: path) == nil
        {
            return .argument(dotted(inside))
        }
        while !path.isEmpty {
            if arguments[path] != nil { return .argument(dotted(path)) }
            if let line = lines.line(of: path) { return .line(line) }
            path.removeLast()
        }
        return .file
    }
}

extension Fault {
    /// All errors of a configuration, in the order of the file.
    static func configuration(_ problems: [Problem], of file: String) -> Fault {
        let lines = problems.map { $0.said(of: file) }
        if lines.count == 1 { return Fault(.configuration, lines[0]) }
        return Fault(
            .configuration, "\(file) has \(lines.count) errors:\n" + lines.map { "  \($0)" }.joined(separator: "\n"))
    }
}
