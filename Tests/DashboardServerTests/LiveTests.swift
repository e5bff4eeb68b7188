import Foundation
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// The events that open pages receive, and when.
@Suite struct LiveTests {
    @Test(arguments: Backend.allCases) func `a load is announced`(_ backend: Backend) throws {
        let place = try Workplace.finished()
        var environment: [String: String] = [:]
        if backend == .postgres {
            let server = try PostgresServer.running()
            environment["NOCTURNE_DATABASE_URL"] = server.url(try server.makeDatabase())
            try place.succeed("store", environment: environment)
        }
        let dashboard = try Dashboard(place, database: environment["NOCTURNE_DATABASE_URL"])
        _ = try dashboard.json("/readyz")
        let wire = try dashboard.listen()
        try place.succeed("store", "--force", environment: environment)
        let event = String(decoding: try #require(wire.read(through: "}\n\n")), as: UTF8.self)
        #expect(event.contains("event: results\n"), "\(event)")
        #expect(event.contains(#"{"pipeline":"small","batch":"\#(Workplace.batch)"}"#), "\(event)")
    }

    @Test func `a client that comes back gets what it missed`() throws {
        let dashboard = try Dashboard(.sqlite)
        let first = try dashboard.listen()
        try dashboard.place.succeed("store", "--force")
        let event = String(decoding: try #require(first.read(through: "}\n\n")), as: UTF8.self)
        let seen = try #require(event.firstMatch(of: /id: (\d+)\n/)?.1)
        try dashboard.place.succeed("store", "--force")
        _ = try #require(first.read(through: "event: results\n"))
        // Nothing new is stored now: what arrives is what this listener had missed.
        let resumed = try dashboard.listen(after: String(seen))
        let missed = String(decoding: try #require(resumed.read(through: "}\n\n")), as: UTF8.self)
        #expect(missed.contains("event: results\n") && !missed.contains("id: \(seen)\n"), "\(missed)")
    }

    @Test(arguments: ["17", "nonsense", "99999999999999999"]) func `a client that was away too long is asked to reload`(
        _ last: String
    )
        throws
    {
        let wire = try Dashboard(.sqlite).listen(after: last)
        let event = String(decoding: try #require(wire.read(through: "{}\n\n")), as: UTF8.self)
        #expect(event.contains("event: reset\n"), "\(event)")
    }

    @Test func `a stop ends the streams`() throws {
        let dashboard = try Dashboard(.sqlite)
        let wires = try (0..<20).map { _ in try dashboard.listen() }
        let done = try dashboard.stop()
        #expect(done.code == 143, "\(done)")
        for wire in wires { #expect(wire.isClosed()) }
    }

    @Test func `interruptions are told apart`() throws {
        #expect(try Dashboard(.sqlite).stop(SIGINT).code == 130)
    }

    @Test(.tags(.server)) func `a database that goes away and comes back`() throws {
        let place = try Workplace.finished()
        let server = try PostgresServer()
        defer { try? server.stop() }
        let database = server.url(try server.makeDatabase())
        let environment = ["NOCTURNE_DATABASE_URL": database]
        try place.succeed("store", environment: environment)
        let dashboard = try Dashboard(place, database: database)
        let before = try dashboard.json("/api/v1/predictions")
        let wire = try dashboard.listen()

        try server.crash()
        _ = try #require(wire.read(through: #"data: {"state":"lost"}"#))
        #expect(try dashboard.ask("/readyz").status == 503)
        #expect(try dashboard.ask("/healthz").status == 200)
        let away = try dashboard.ask("/api/v1/predictions")
        #expect(away.status == 503 && away.headers["retry-after"] != nil, "what was ready is not passed off as current")
        #expect(!away.text.contains("\(server.port)"), "the database's address is not shown")

        #expect(try Self.greeting(dashboard).contains(#""state":"lost""#), "a new listener is notified too")
        try server.restart()
        _ = try #require(wire.read(through: #"data: {"state":"back"}"#))
        #expect(try dashboard.json("/api/v1/predictions") == before)
        #expect(try dashboard.ask("/readyz").status == 200)
        #expect(try Self.greeting(dashboard).contains(#""state":"back""#), "and who comes afterwards")
    }

    /// The events for a page without a last event.
    private static func greeting(_ dashboard: Dashboard) throws -> String {
        let wire = try dashboard.connect()
        wire.send("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        return String(decoding: try #require(wire.read(through: "}\n\n")), as: UTF8.self)
    }

    @Test func `it starts before there is a database`() throws {
        let place = try Workplace.finished()
        let dashboard = try Dashboard(place, database: "sqlite:elsewhere/results.db")
        #expect(try dashboard.ask("/readyz").status == 503)
        #expect(try dashboard.ask("/api/v1/pipelines").status == 503)
        #expect(try dashboard.ask("/").status == 200, "the page is there to say so")
        let wire = try dashboard.listen()
        try place.succeed("store", environment: ["NOCTURNE_DATABASE_URL": "sqlite:elsewhere/results.db"])
        _ = try #require(wire.read(through: #"data: {"state":"back"}"#))
        #expect(try dashboard.json("/api/v1/pipelines")["pipelines"]?.array?.count == 1)
    }

    @Test(.tags(.server)) func `a role that can only read is enough`() throws {
        let place = try Workplace.finished()
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        try place.succeed("store", environment: ["NOCTURNE_DATABASE_URL": server.url(name)])
        let role = "viewer_" + name
        try server.psql(try Self.documentedRole(named: role), in: name)
        try server.psql("ALTER ROLE \(role) PASSWORD 'p'", in: name)
        let viewer = server.url(name, role: role, password: "p")
        let dashboard = try Dashboard(place, database: viewer)
        #expect(try dashboard.json("/api/v1/predictions")["predictions"]?.array?.isEmpty == false)
        #expect(try dashboard.json("/api/v1/pipelines")["pipelines"]?.array?.count == 1)
        let refused = try place.program(
            "store", ["small", Workplace.batch, "--force"],
            environment: ["NOCTURNE_DATABASE_URL": viewer]
        ).run()
        #expect([77, 78].contains(refused.code), "a load with this role is refused: \(refused)")
        for statement in [
            "INSERT INTO schema_version VALUES (9, now())", "DELETE FROM runs", "UPDATE predictions SET label = 'x'",
            "DROP TABLE predictions", "TRUNCATE rejections", "CREATE TABLE mine (x int)",
        ] {
            let words = ["/usr/bin/psql", "-X", "-q", "-d", viewer, "-v", "ON_ERROR_STOP=1", "-c", statement]
            // Even if it asks for more rights than it has by default.
            let options = ["PGOPTIONS": "-c default_transaction_read_only=off"]
            let done = try Program(words, environment: options).run()
            #expect(done.code == 1)
            #expect(done.err.contains("permission denied") || done.err.contains("must be owner"), "\(done)")
        }
    }

    /// The role's statements in docs/tools/dashboard.md, under another name.
    private static func documentedRole(named role: String) throws -> String {
        let page = try String(contentsOfFile: Checkout.path("docs/tools/dashboard.md"), encoding: .utf8)
        let block = page.components(separatedBy: "```sql\n").dropFirst().first?.components(separatedBy: "```").first
        guard let block, block.contains("CREATE ROLE nocturne_viewer") else {
            throw HarnessError("docs/tools/dashboard.md no longer tells how the role is made")
        }
        return block.replacing("nocturne_viewer", with: role).replacing(
            "DATABASE results", with: "DATABASE \(role.dropFirst(7))")
    }
}
