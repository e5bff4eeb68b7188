internal import TestKit

/// The two kinds of database that hold results, each of which must pass the same tests.
public enum Backend: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// Both; SQLite alone where no server may be started.
    public static let allCases: [Backend] = Needs.mayBeMet ? [.sqlite, .postgres] : [.sqlite]
}
