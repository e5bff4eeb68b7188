import Fault
import TOMLText

/// Where a key stands: on a line of the file, or in an argument.
enum Place: Sendable {
    case line(Int)
    /// The key as `--set` named it. Its value is left out: it could be a secret.
    case argument(String)
    /// Nowhere: the key is missing, and so is its section.
    case file
}

/// One thing that is wrong with a configuration.
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

/// Where each key of a configuration stands, and what `--set` wrote there.
struct Places: Sendable {
    private let lines: KeyLines
    private var arguments: [[String]: String] = [:]

    init(_ lines: KeyLines) { self.lines = lines }

    /// Notes that an argument set a key.
    mutating func set(_ path: [String], byText raw: String) { arguments[path] = raw }

    /// The text after the equals sign, for a key that `--set` set.
    func rawArgument(at path: [String]) -> String? { arguments[path] }

    /// Where a key stands; for one that is not there, where the nearest table around it does.
    func place(of path: [String]) -> Place {
        var path = path
        // A section that only an argument made stands where the argument does.
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
    /// Everything that is wrong with a configuration, in the order of the file.
    static func configuration(_ problems: [Problem], of file: String) -> Fault {
        let lines = problems.map { $0.said(of: file) }
        if lines.count == 1 { return Fault(.configuration, lines[0]) }
        return Fault(
            .configuration, "\(file) has \(lines.count) errors:\n" + lines.map { "  \($0)" }.joined(separator: "\n"))
    }
}
