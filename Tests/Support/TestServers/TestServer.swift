internal import Foundation
internal import FoundationNetworking
internal import Synchronization
internal import TestKit

/// A server that a test runs on loopback: a Python program that prints its URL on its first line of output, and ends
/// when its input closes, so that no server outlives the tests.
public final class TestServer: Sendable {
    /// `http://127.0.0.1:PORT`
    public let url: String
    private let running: Mutex<Running>

    /// Starts a server of the folder `python` and waits until it answers.
    public convenience init(_ program: String, _ arguments: [String] = []) throws {
        try self.init(path: TestPython.folder + "/" + program, arguments)
    }

    /// Starts a server at another path and waits until it answers.
    public init(path: String, _ arguments: [String] = []) throws {
        try Needs.check("server", for: "servers")
        var program = try TestPython.program(path, arguments)
        program.input = .held
        // Its output there is not read, and a full pipe would block it.
        program.errors = .file("/dev/null")
        let running = try program.start()
        let line = try running.firstLine() ?? ""
        guard line.hasPrefix("http") else {
            throw HarnessError("\(path) did not start with \(TestPython.interpreter)")
        }
        url = line
        self.running = Mutex(running)
    }

    deinit {
        // The server stops what it started itself, which a signal would prevent.
        running.withLock { running in
            running.closeInput()
            _ = try? running.finish(within: 60)
        }
    }

    /// The misbehaving store and web server.
    public static func faulty() throws -> TestServer { try TestServer("fault_server.py") }

    /// moto's S3, which accepts any credentials.
    public static func moto() throws -> TestServer { try TestServer("moto_s3.py") }

    /// OpenStack Swift's S3 API, which verifies signatures: key `test:tester`, secret `testing`, region `us-east-1`.
    public static func strict(folder: String) throws -> TestServer { try TestServer("strict_s3.py", [folder]) }

    /// The requests to a bucket of the misbehaving store, in order.
    public func log(_ bucket: String) throws -> [LoggedRequest] {
        guard let address = URL(string: "\(url)/_log/\(bucket)") else {
            throw HarnessError("no such bucket name")
        }
        return try JSONDecoder().decode([LoggedRequest].self, from: Data(contentsOf: address))
    }
}

/// A request that the misbehaving store has seen.
public struct LoggedRequest: Decodable, Sendable {
    /// Path and query, as they came.
    public let path: String
    /// The header `Range`.
    public let range: String?
    /// The header `If-Match`.
    public let ifMatch: String?
    /// The client's port: the same for the requests of one connection.
    public let connection: Int
}
