import Foundation
import TestPrograms
import TestServers
import ToolSupport

/// The Python interpreters that run the tests' programs.
enum Python {
    /// The tests' own: storage clients and servers.
    static var tests: String { TestPython.interpreter }

    /// The demo's: numpy, soundfile, safetensors, which the documentation asks its readers to install.
    static var demo: String {
        ProcessInfo.processInfo.environment["NOCTURNE_DEMO_PYTHON"] ?? Binaries.checkout + "/.deps/venv/bin/python"
    }

    /// Runs a program until it ends.
    static func run(_ interpreter: String, _ words: [String], in place: Workplace) throws -> Finished {
        try Program([interpreter, "-B"] + words, environment: place.environment, folder: place.path).run()
    }

    /// A program in the folder `python` beside this file.
    static func program(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("python/\(name)").path
    }
}

extension TestServer {
    /// A store and web server whose listings and pages fail half-way.
    static func halfAListing() throws -> TestServer { try TestServer(path: Python.program("half_a_listing.py")) }
}
