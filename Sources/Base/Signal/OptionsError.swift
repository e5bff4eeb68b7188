/// Options with which no features can be computed: what is wrong and what to set instead.
///
/// Signal is on the lowest floor and knows no exit codes; the stage above turns this into a fault.
public struct OptionsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and what to do.
    public let message: String

    /// Makes an error with a message for people.
    public init(_ message: String) { self.message = message }

    /// The message.
    public var description: String { message }
}
