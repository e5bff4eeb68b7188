/// What somebody may do.
public enum Role: String, Sendable, CaseIterable {
    /// Sees results.
    case viewer
    /// Sees results, listens to recordings, and sees how versions were made.
    case engineer

    /// Whether this role may do what another may.
    func includes(_ other: Role) -> Bool { self == .engineer || other == .viewer }
}

/// Who asks.
struct Visitor: Sendable {
    /// The name beside the token; `local` where there are no tokens.
    let name: String
    let role: Role

    /// Whoever sits at this machine, where no token is asked for.
    static let local = Visitor(name: "local", role: .engineer)
}
