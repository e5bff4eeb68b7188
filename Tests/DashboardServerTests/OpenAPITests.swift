import Foundation
import JSON
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
        for (path, methods) in paths {
            for (method, _) in methods.object?.members ?? [] where path != "/api/v1/events" {
                let target = path.replacing("{pipeline}", with: "small").replacing("{batch}", with: Workplace.batch)
                let answer = try dashboard.ask(target, method: method.uppercased())
                #expect(answer.status != 405 && answer.status < 500, "\(method) \(path): \(answer)")
                #expect(answer.status != 404 || path == "/login", "\(method) \(path): \(answer)")
            }
        }
    }

    @Test(arguments: Backend.allCases) func schemathesisFindsNothing(_ backend: Backend) throws {
        let dashboard = try Dashboard(try Dashboard(backend).place, [])
        _ = dashboard
    }
}
