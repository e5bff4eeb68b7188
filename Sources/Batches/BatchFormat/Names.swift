public import Fault

/// The rule for the names of pipelines, batches and stages: `[A-Za-z0-9._-]{1,64}`, not starting with a dot.
public enum Names {
    /// Returns the name, or throws if it is not valid.
    ///
    /// - Parameter what: what the name is for, for the message: `batch`, `pipeline`, `stage`.
    @discardableResult
    public static func check(_ name: String, _ what: String) throws(Fault) -> String {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard allowed, (1...64).contains(name.utf8.count), name.utf8.first != UInt8(ascii: ".") else {
            throw Fault(
                .usage,
                "the \(what) name '\(name)' is not valid: use 1 to 64 letters, digits, '.', '_' and '-', not starting with '.'"
            )
        }
        return name
    }
}
