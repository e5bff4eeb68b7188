internal import Foundation
public import Testing

/// What a test needs besides the built programs; `make test-fast` leaves out what has one of these tags.
///
/// `pipelines/tools/tagged_tests.py` reads the tags. A test that starts a server and has none fails in `make test-fast`.
extension Tag {
    /// A server: PostgreSQL, a store that speaks S3, or a program of `Tests/Support/TestServers/python`.
    @Tag public static var server: Tag
    /// Chromium.
    @Tag public static var browser: Tag
    /// Time: it runs whole nights or hundreds of tools, or compiles a model.
    @Tag public static var slow: Tag
}

/// What this run of the tests may start.
public enum Needs {
    /// Whether servers and browsers may be started: not in `make test-fast`.
    public static let mayBeMet = ProcessInfo.processInfo.environment["NOCTURNE_TESTS"] != "fast"

    /// Throws if the test that asks should have been left out.
    ///
    /// - Parameters:
    ///   - tag: the tag's name.
    ///   - what: what would be started.
    public static func check(_ tag: String, for what: String) throws {
        guard mayBeMet else {
            throw HarnessError("make test-fast starts no \(what): give this test, or its suite, the tag .\(tag)")
        }
    }
}
