public import Fault
internal import TOMLText

/// A model as named in a pipeline: `NAME@VERSION`, or `NAME@ALIAS`.
public struct ModelReference: Sendable, Hashable, CustomStringConvertible {
    /// The model's name.
    public let name: String
    /// A version, or an alias of one.
    public let version: String

    /// `NAME@VERSION`
    public var description: String { "\(name)@\(version)" }

    /// Makes a reference to a model known to exist.
    init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    /// Parses `NAME@VERSION`; both follow the rule for names, so that neither can lead out of the models folder.
    ///
    /// - Throws: `.configuration` for any other text.
    public init(_ text: String) throws(Fault) {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2, halves.allSatisfy(ModelReference.isName) else {
            throw Fault(
                .configuration, "'\(text)' is not a model: write NAME@VERSION or NAME@ALIAS, such as digits@production")
        }
        (name, version) = (halves[0], halves[1])
    }

    /// Whether a text may name a model or a version: `[A-Za-z0-9._-]{1,64}`, not starting with a dot.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && !text.hasPrefix(".")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
