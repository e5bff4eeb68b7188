import Foundation
import TestKit
import TestServers
import TestTools

/// The Python interpreters that run the tests' programs.
enum Python {
    /// The tests' own: storage clients and servers.
    static var tests: String { TestPython.interpreter }

    /// The demo's: numpy, soundfile, safetensors, which the documentation asks its readers to install.
    static var demo: String {
        ProcessInfo.processInfo.environment["NOCTURNE_DEMO_PYTHON"] ?? Checkout.path(".deps/venv/bin/python")
    }

    /// Runs a program until it ends.
    static func run(_ interpreter: String, _ words: [String], in place: Workplace) throws -> Finished {
        try Program([interpreter, "-B"] + words, environment: place.environment, folder: place.path).run()
    }

    /// A program in the folder `python` beside these tests.
    static func program(_ name: String) -> String {
        Checkout.path("Tests/PipelineTests/python/\(name)")
    }
}

extension TestServer {
    /// A store and web server whose listings and pages fail half-way.
    static func halfAListing() throws -> TestServer { try TestServer(path: Python.program("half_a_listing.py")) }
}
