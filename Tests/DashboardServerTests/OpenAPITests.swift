import Foundation
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// The API's description matches the server.
@Suite(.tags(.slow)) struct OpenAPITests {
    @Test func `every path that is described is answered`() throws {
        let dashboard = try Dashboard(.sqlite)
        let document = try dashboard.json("/openapi.json")
        #expect(document["openapi"]?.string == "3.1.0")
        let paths = try #require(document["paths"]?.object).members
        #expect(paths.count > 20)
        for (path, methods) in paths where path != "/api/v1/events" {
            let target = path.replacing("{pipeline}", with: "small").replacing("{batch}", with: Workplace.batch)
            for (method, _) in methods.object?.members ?? [] {
                let answer = try dashboard.ask(target, method: method.uppercased())
                #expect(answer.status != 405 && answer.status < 500, "\(method) \(path): \(answer)")
                #expect(answer.status != 404 || path == "/login", "\(method) \(path): \(answer)")
            }
        }
    }

    /// Schemathesis sends requests that the description allows and some that it does not, and checks the answers
    /// against it.
    @Test func `schemathesis finds nothing wrong`() throws {
        let dashboard = try Dashboard(.sqlite, ["--rate-limit", "0"])
        let tool = URL(fileURLWithPath: TestPython.interpreter).deletingLastPathComponent().path + "/schemathesis"
        var program = Program(
            [
                tool, "run", "http://127.0.0.1:\(dashboard.port)/openapi.json", "--checks", "all", "--seed", "1",
                "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--request-timeout", "120",
                "--no-color",
                // The stream of events never ends; an invalid cursor can only be recognised by trying it.
                "--exclude-path", "/api/v1/events", "--exclude-checks", "positive_data_acceptance",
            ], environment: dashboard.place.environment, folder: dashboard.place.path)
        program.limit = 600
        let done = try program.run()
        #expect(done.code == 0, "\(done)")
    }
}
