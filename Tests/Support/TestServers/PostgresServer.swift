internal import Foundation
internal import TestKit

/// A real, temporary PostgreSQL on 127.0.0.1. It stops, and its files are removed, once the test process has ended.
public final class PostgresServer: Sendable {
    /// Where its cluster lies.
    public let folder: String
    /// Where it listens.
    public let port: Int

    private static let shared = Result { try PostgresServer() }

    /// One server for all tests of a process; started by the first one that needs it.
    public static func running() throws -> PostgresServer { try shared.get() }

    /// Starts a separate server, for tests that stop or crash it.
    public init() throws {
        try Needs.check("server", for: "PostgreSQL")
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("nocturne-pg-\(UUID().uuidString)").path
        let said = try Self.script("start", folder, String(ProcessInfo.processInfo.processIdentifier))
        guard let port = Int(said) else { throw HarnessError("postgres.sh said \(said)") }
        self.port = port
    }

    /// The URL of a database for a role; the superuser `nocturne` needs no password.
    public func url(_ database: String, role: String = "nocturne", password: String? = nil) -> String {
        "postgresql://\(role)\(password.map { ":" + $0 } ?? "")@127.0.0.1:\(port)/\(database)"
    }

    /// Makes an empty database with a unique name.
    public func makeDatabase(options: String = "") throws -> String {
        let name = "t" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        try psql("CREATE DATABASE \(name) \(options)", in: "postgres")
        return name
    }

    /// Runs SQL with psql, bypassing our code; returns the rows, unaligned, columns separated by `|`.
    @discardableResult
    public func psql(_ sql: String, in database: String) throws -> String {
        try Self.run(["/usr/bin/psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url(database), "-c", sql])
    }

    /// Ends the server like a power cut.
    public func crash() throws { try Self.script("crash", folder) }

    /// Starts a crashed server again.
    public func restart() throws { try Self.script("restart", folder) }

    /// Stops the server and removes its files.
    public func stop() throws { try Self.script("stop", folder) }

    @discardableResult
    private static func script(_ arguments: String...) throws -> String {
        try run([Checkout.path("Tests/Support/TestServers/postgres.sh")] + arguments)
    }

    /// A program's output, without the last newline.
    private static func run(_ words: [String]) throws -> String {
        var printed = try Program(words).run().successful().out
        if printed.hasSuffix("\n") { printed.removeLast() }
        return printed
    }
}
