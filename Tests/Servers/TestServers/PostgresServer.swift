internal import Foundation

/// A real, throw-away PostgreSQL on 127.0.0.1. It stops, and its files go away, once the test process has ended.
public final class PostgresServer: Sendable {
    /// Where its cluster lies.
    public let folder: String
    /// Where it listens.
    public let port: Int

    private static let shared = Result { try PostgresServer() }

    /// One server for all tests of a process; started when the first one asks.
    public static func running() throws -> PostgresServer { try shared.get() }

    /// Starts a server of one's own, for tests that stop or crash it.
    public init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("nocturne-pg-\(UUID().uuidString)").path
        let said = try Self.script("start", folder, String(ProcessInfo.processInfo.processIdentifier))
        guard let port = Int(said) else { throw ServerFailure(text: "postgres.sh said \(said)") }
        self.port = port
    }

    /// The URL of a database for a role; the superuser `nocturne` needs no password.
    public func url(_ database: String, role: String = "nocturne", password: String? = nil) -> String {
        "postgresql://\(role)\(password.map { ":" + $0 } ?? "")@127.0.0.1:\(port)/\(database)"
    }

    /// Makes an empty database of a name that no other test has.
    public func makeDatabase(options: String = "") throws -> String {
        let name = "t" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        try psql("CREATE DATABASE \(name) \(options)", in: "postgres")
        return name
    }

    /// Runs SQL with psql, as an outsider would; returns the rows, unaligned, columns divided by `|`.
    @discardableResult
    public func psql(_ sql: String, in database: String) throws -> String {
        try run("/usr/bin/psql", ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url(database), "-c", sql])
    }

    /// Ends the server as a power cut would.
    public func crash() throws { try Self.script("crash", folder) }

    /// Starts a crashed server again.
    public func restart() throws { try Self.script("restart", folder) }

    /// Stops the server and removes its files.
    public func stop() throws { try Self.script("stop", folder) }

    @discardableResult
    private static func script(_ arguments: String...) throws -> String {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("postgres.sh").path
        return try run(path, arguments)
    }
}

/// What a server's program said when it failed.
public struct ServerFailure: Error, CustomStringConvertible {
    let text: String
    /// The program and its words.
    public var description: String { text }
}

/// Runs a program to its end and returns what it printed, without the last line end.
@discardableResult
public func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let (out, err) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = err
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let printed = out.fileHandleForReading.readDataToEndOfFile()
    let complained = err.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw ServerFailure(
            text: "\(program) exited with \(process.terminationStatus): \(String(decoding: complained, as: UTF8.self))")
    }
    var text = String(decoding: printed, as: UTF8.self)
    if text.hasSuffix("\n") { text.removeLast() }
    return text
}
