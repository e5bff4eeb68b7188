/// The required form of a string.
package struct TextForm: Sendable {
    /// What is required, in the form used after "must be".
    package let expectation: String
    /// Why a text is not acceptable: `""` if the expectation says it all, `nil` if it is acceptable.
    package let fault: @Sendable (String) -> String?
    /// The part of the text that a message may show, `nil` for nothing: a URL may contain a password.
    package let shown: @Sendable (String) -> String?
    /// The part of the text recorded in `run.json`.
    package let recorded: @Sendable (String) -> String

    init(
        _ expectation: String, shown: @escaping @Sendable (String) -> String? = { $0 },
        recorded: @escaping @Sendable (String) -> String = { $0 }, fault: @escaping @Sendable (String) -> String?
    ) {
        self.expectation = expectation
        self.shown = shown
        self.recorded = recorded
        self.fault = fault
    }
}

extension TextForm {
    /// Any text but the empty one.
    package static let any = TextForm("a string that is not empty") { $0.isEmpty ? "" : nil }

    /// Any text.
    package static let anyOrEmpty = TextForm("a string") { _ in nil }

    /// The name of a stage; whether it exists is checked when all are known.
    static let stage = TextForm("a stage's name") { $0.isEmpty ? "" : nil }

    /// A pattern of keys.
    static let glob = TextForm("a glob such as \"*.wav\"") { $0.isEmpty ? "" : nil }

    /// A regular expression.
    static let pattern = TextForm("a regular expression") { text in
        do {
            _ = try Regex(text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// A regular expression with at least one named group.
    static let patternWithNames = TextForm("a regular expression with named groups, such as (?<device>[^/]+)") { text in
        guard pattern.fault(text) == nil else { return pattern.fault(text) }
        return GroupNames.of(text).isEmpty ? "" : nil
    }

    /// `NAME@VERSION` or `NAME@ALIAS`.
    static let model = TextForm("NAME@VERSION or NAME@ALIAS") { text in
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        return halves.count == 2 && halves.allSatisfy { isName($0) } ? nil : ""
    }

    /// Where inference runs.
    static let device = TextForm("\"auto\", \"cpu\", \"cuda\" or \"cuda:N\"") { text in
        if ["auto", "cpu", "cuda"].contains(text) { return nil }
        guard text.hasPrefix("cuda:"), let number = UInt8(text.dropFirst(5)), "cuda:\(number)" == text else {
            return ""
        }
        return nil
    }

    /// A time of day.
    static let timeOfDay = TextForm("a time of day from \"00:00\" to \"23:59\"") { text in
        Schedule.minutes(ofTimeOfDay: text) == nil ? "" : nil
    }

    /// Whether a text is a valid name of pipelines, batches, models and their versions.
    static func isName(_ text: some StringProtocol) -> Bool {
        guard (1...64).contains(text.utf8.count), text.first != "." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
