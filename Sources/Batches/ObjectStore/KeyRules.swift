/// Why a key can not become an item: the `bad_key` rejections.
public struct KeyProblem: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, for a person: lower case, no full stop.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// Name of the file under `objects/` for a key: one component of at most 255 ASCII bytes, different for different keys
/// also where the file system ignores case.
public func objectFileName(for key: String) -> String { key }
