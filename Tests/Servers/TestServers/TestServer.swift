internal import Foundation
internal import FoundationNetworking

/// A server that a test runs on loopback: a Python program from the folder `python` that says its URL on its first line of
/// output, and ends when its input closes, so that no server outlives the tests.
public final class TestServer: Sendable {
    /// `http://127.0.0.1:PORT`
    public let url: String
    private let process: Process
    private let input: Pipe

    /// Starts a server and waits until it answers.
    public init(_ program: String, _ arguments: [String] = []) throws {
        let process = try TestPython.process(program, arguments)
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte[0] != 0x0A {
            line.append(byte)
        }
        let text = String(decoding: line, as: UTF8.self)
        guard text.hasPrefix("http") else {
            process.terminate()
            throw ServerFailure(text: "\(program) did not start with \(TestPython.interpreter)")
        }
        url = text
        self.process = process
        self.input = input
    }

    deinit {
        // The server stops what it started itself, which a signal would not let it do.
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The misbehaving store and web server.
    public static func faulty() throws -> TestServer { try TestServer("fault_server.py") }

    /// moto's S3, which takes any credentials.
    public static func moto() throws -> TestServer { try TestServer("moto_s3.py") }

    /// OpenStack Swift's S3 API, which verifies signatures: key `test:tester`, secret `testing`, region `us-east-1`.
    public static func strict(folder: String) throws -> TestServer { try TestServer("strict_s3.py", [folder]) }

    /// What came to a bucket of the misbehaving store, in order.
    public func log(_ bucket: String) throws -> [LoggedRequest] {
        guard let address = URL(string: "\(url)/_log/\(bucket)") else {
            throw ServerFailure(text: "no such bucket name")
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
