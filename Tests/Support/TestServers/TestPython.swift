internal import Foundation
internal import TestKit

/// The Python that runs the tests' servers, and the programs it runs.
public enum TestPython {
    /// `$NOCTURNE_TEST_PYTHON`, or the one that `make setup` makes from `Tests/requirements.txt`.
    public static var interpreter: String {
        ProcessInfo.processInfo.environment["NOCTURNE_TEST_PYTHON"] ?? Checkout.path(".deps/test-venv/bin/python")
    }

    /// A program for the interpreter.
    static func program(_ path: String, _ arguments: [String]) throws -> Program {
        guard FileManager.default.isExecutableFile(atPath: interpreter) else {
            throw HarnessError(
                "there is no '\(interpreter)': run 'pipelines/tools/setup.sh test', or set NOCTURNE_TEST_PYTHON")
        }
        // -B: no __pycache__ in the checkout.
        return Program([interpreter, "-B", path] + arguments)
    }

    /// Where the programs are.
    public static let folder = Checkout.path("Tests/Support/TestServers/python")

    /// Runs a program of that folder with some input, and returns its output.
    @discardableResult
    public static func run(_ program: String, _ arguments: [String] = [], input: String = "") throws -> String {
        var program = try Self.program(folder + "/" + program, arguments)
        program.input = .text(input)
        return try program.run().successful().out
    }

    /// Puts objects into a store that speaks S3.
    public static func put(_ objects: [StoredObject], endpoint: String, accessKey: String, secretKey: String) throws {
        let encoder = JSONEncoder()
        let lines = try objects.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        try run(
            "put_objects.py", [endpoint, accessKey, secretKey], input: lines.joined(separator: "\n") + "\n")
    }
}

/// An object for a store: with a text, or with a size and the bytes that `content.py` makes.
public struct StoredObject: Encodable, Sendable {
    let bucket: String
    let key: String
    let text: String?
    let size: Int?

    /// An object that holds a text.
    public init(bucket: String, key: String, text: String) {
        (self.bucket, self.key, self.text, size) = (bucket, key, text, nil)
    }

    /// An object of a size.
    public init(bucket: String, key: String, size: Int) {
        (self.bucket, self.key, text, self.size) = (bucket, key, nil, size)
    }
}
