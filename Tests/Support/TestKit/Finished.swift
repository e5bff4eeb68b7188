/// How a program ended, and its output.
public struct Finished: Sendable, CustomStringConvertible {
    /// The program and its arguments.
    public let words: [String]
    /// The exit code, or 128 + the signal that ended it, as in a shell.
    public let code: Int32
    /// The signal that ended it, if one did.
    public let signal: Int32?
    /// What it wrote to standard output.
    public let out: String
    /// What it wrote to standard error.
    public let err: String
    /// How long it ran.
    public let seconds: Double
    /// Whether the kernel wrote a core file, or piped one to a collector.
    public let leftCore: Bool

    /// The lines of standard output.
    public var lines: [String] { Self.lines(of: out) }
    /// The lines of standard error.
    public var complaints: [String] { Self.lines(of: err) }

    /// Everything, for a failed expectation.
    public var description: String {
        "\(words.joined(separator: " "))\nexit code \(code)\n--- stdout\n\(out)--- stderr\n\(err)"
    }

    /// Itself; throws if the program failed.
    @discardableResult
    public func successful() throws -> Finished {
        guard code == 0 else { throw HarnessError(description) }
        return self
    }

    private static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}

/// An error of a test helper.
public struct HarnessError: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String

    /// Makes an error.
    public init(_ description: String) { self.description = description }
}
