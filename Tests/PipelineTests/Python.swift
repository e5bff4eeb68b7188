import Foundation
import TestServers
import ToolSupport

/// The Pythons that the tests run programs with.
enum Python {
    /// The tests' own: storage clients and servers.
    static var tests: String { TestPython.interpreter }

    /// The demo's: numpy, soundfile, safetensors; what the documentation tells its readers to have.
    static var demo: String {
        ProcessInfo.processInfo.environment["NOCTURNE_DEMO_PYTHON"] ?? Binaries.checkout + "/.deps/venv/bin/python"
    }

    /// Runs a program to its end.
    static func run(_ interpreter: String, _ words: [String], in place: Workplace) throws -> Finished {
        try Program([interpreter, "-B"] + words, environment: place.environment, folder: place.path).run()
    }

    /// A program in the folder `python` beside this file.
    static func program(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("python/\(name)").path
    }
}

/// The server of `half_a_listing.py`; it ends with this object.
final class HalfAListing {
    let url: String
    private let process = Process()
    private let input = Pipe()

    init() throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: Python.tests)
        process.arguments = ["-B", Python.program("half_a_listing.py")]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), let first = byte.first, first != 0x0A {
            line.append(byte)
        }
        url = String(decoding: line, as: UTF8.self)
        guard url.hasPrefix("http") else { throw HarnessError("half_a_listing.py did not start") }
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
