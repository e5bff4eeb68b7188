internal import Foundation

/// The Python that runs the tests' servers, and the programs it runs.
public enum TestPython {
    /// The checkout.
    public static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// `$NOCTURNE_TEST_PYTHON`, or the one that `make setup` makes from `Tests/requirements.txt`.
    public static var interpreter: String {
        ProcessInfo.processInfo.environment["NOCTURNE_TEST_PYTHON"] ?? checkout + "/.deps/test-venv/bin/python"
    }

    /// A process of the interpreter, not started yet.
    static func process(_ program: String, _ arguments: [String]) throws -> Process {
        guard FileManager.default.isExecutableFile(atPath: interpreter) else {
            throw ServerFailure(
                text: "there is no '\(interpreter)': run 'pipelines/tools/setup.sh test', or set NOCTURNE_TEST_PYTHON")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: interpreter)
        // -B: no __pycache__ in the checkout.
        process.arguments = ["-B", folder + "/" + program] + arguments
        return process
    }

    /// Where the programs are.
    public static let folder = checkout + "/Tests/Servers/python"

    /// Runs a program to its end with some input, and returns its output.
    @discardableResult
    public static func run(_ program: String, _ arguments: [String] = [], input: String = "") throws -> String {
        let process = try process(program, arguments)
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        // The programs read all of their input before they write more than a pipe holds.
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ServerFailure(text: "\(program) exited with \(process.terminationStatus)")
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Puts objects into a store that speaks S3.
    public static func put(_ objects: [StoredObject], endpoint: String, accessKey: String, secretKey: String) throws {
        let encoder = JSONEncoder()
        let lines = try objects.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        try run(
            "put_objects.py", [endpoint, accessKey, secretKey], input: lines.joined(separator: "\n") + "\n")
    }
}

/// An object for a store: of a text, or of a size, with the bytes that `content.py` makes.
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
