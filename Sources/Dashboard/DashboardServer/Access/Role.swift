/// What a user may do.
public enum Role: String, Sendable, CaseIterable {
    /// Sees results.
    case viewer
    /// Sees results, listens to recordings, and sees how versions were made.
    case engineer

    /// Whether this role includes the rights of another.
    func includes(_ other: Role) -> Bool { self == .engineer || other == .viewer }
}

/// A user.
struct Visitor: Sendable {
    /// The name of the token; `local` if there are no tokens.
    let name: String
    let role: Role

    /// The user of this machine, when no token is required.
    static let local = Visitor(name: "local", role: .engineer)
}
