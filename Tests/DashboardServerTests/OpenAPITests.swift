import Foundation
import JSON
import TestPrograms
import TestServers
import Testing
import ToolSupport

/// The description of the API says what the server does.
@Suite struct OpenAPITests {
    @Test func everyPathThatIsDescribedIsAnswered() throws {
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

    /// Schemathesis asks what the description allows, and what it does not, and compares the answers with it.
    @Test func schemathesisFindsNothing() throws {
        let dashboard = try Dashboard(.sqlite, ["--rate-limit", "0"])
        let tool = URL(fileURLWithPath: TestPython.interpreter).deletingLastPathComponent().path + "/schemathesis"
        var program = Program(
            [
                tool, "run", "http://127.0.0.1:\(dashboard.port)/openapi.json", "--checks", "all", "--seed", "1",
                "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--request-timeout", "120",
                "--no-color",
                // The stream of events never ends; what is no cursor can only be told from one by looking.
                "--exclude-path", "/api/v1/events", "--exclude-checks", "positive_data_acceptance",
            ], environment: dashboard.place.environment, folder: dashboard.place.path)
        program.limit = 600
        let done = try program.run()
        #expect(done.code == 0, "\(done)")
    }
}
