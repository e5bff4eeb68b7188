import Fault
import JSON
import PostgresClient
import TestKit
import TestServers
import Testing

@Suite(.tags(.server)) struct StatementTests {
    private func connect() throws -> PostgresConnection {
        try ConnectionTests.connect(try PostgresServer.running().url("postgres"))
    }

    private func scalar(_ connection: borrowing PostgresConnection, _ sql: String, _ parameters: [String?] = []) throws
        -> String?
    {
        try connection.firstRow(sql, parameters) { $0.text(0) } ?? nil
    }

    @Test(arguments: [
        ("SELEC 1", Fault.Kind.configuration, "42601"), ("SELECT * FROM nowhere", .configuration, "42P01"),
        ("SELECT 'x'::date", .configuration, "22007"), ("SELECT 1; SELECT 2", .configuration, "42601"),
        ("SELECT nextval('nowhere.x')", .configuration, "3F000"),
        ("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", .unavailable, "40001"),
        ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", .unavailable, "40P01"),
        ("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$", .retryLater, "55P03"),
        ("DO $$ BEGIN RAISE SQLSTATE '57P01'; END $$", .unavailable, "57P01"),
        ("DO $$ BEGIN RAISE SQLSTATE '42501'; END $$", .denied, "42501"),
        ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", .unavailable, "53100"),
    ]) func `a failure is classified`(sql: String, kind: Fault.Kind, state: String) throws {
        let connection = try connect()
        let fault = try #require(throws: Fault.self) { try connection.execute(sql) }
        #expect(fault.kind == kind)
        #expect(fault.sqlState == state)
        #expect(try scalar(connection, "SELECT 1") == "1")
    }

    @Test func `parameters are bound and never pasted`() throws {
        let connection = try connect()
        for text in ["'; DROP TABLE x; --", #"\"#, "", "tab\tline\nreturn\r", "🎧é", "$1"] {
            #expect(try scalar(connection, "SELECT $1::text", [text]) == text)
        }
        #expect(try scalar(connection, "SELECT $1::text", [nil]) == nil)
        #expect(throws: Fault.self) { try connection.execute("SELECT $1::text", ["a\0b"]) }
        #expect(throws: Fault.self) { try connection.execute("SELECT 1\0") }
    }

    @Test func `many rows arrive one by one`() throws {
        let connection = try connect()
        var sum = 0
        try connection.forEachRow("SELECT generate_series(1, 100000)") { sum += $0.int(0) ?? 0 }
        #expect(sum == 5_000_050_000)
    }

    @Test func `a fault of the reader ends the statement`() throws {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        var seen = 0
        let fault = try #require(throws: Fault.self) {
            try ConnectionTests.connect(server.url(name)).forEachRow("SELECT generate_series(1, 10000000)") {
                (_) throws(Fault) in
                seen += 1
                if seen == 10 { throw Fault(.damaged, "enough") }
            }
        }
        #expect(fault.kind == .damaged)
        #expect(seen == 10)
        // PostgreSQL does not drop a database with an open session or running statement; it waits 5 s for them to end.
        try server.psql("DROP DATABASE \(name)", in: "postgres")
    }

    @Test func `a transaction applies as a whole or not at all`() throws {
        let server = try PostgresServer.running()
        let connection = try ConnectionTests.connect(server.url(try server.makeDatabase()))
        try connection.execute("CREATE TABLE t (n int)")
        #expect(throws: Fault.self) {
            try connection.transaction { () throws(Fault) in
                try connection.execute("INSERT INTO t VALUES (1)")
                throw Fault(.interrupted, "stop")
            }
        }
        #expect(try scalar(connection, "SELECT count(*) FROM t") == "0")
        try connection.transaction { () throws(Fault) in
            #expect(try connection.execute("INSERT INTO t VALUES (1), (2)") == 2)
        }
        #expect(try scalar(connection, "SELECT count(*) FROM t") == "2")
        // An ignored failed statement must not look like a commit.
        #expect(throws: Fault.self) {
            try connection.transaction { () throws(Fault) in
                try connection.execute("INSERT INTO t VALUES (3)")
                do throws(Fault) { try connection.execute("SELECT 1/0") } catch {}
            }
        }
        #expect(try scalar(connection, "SELECT count(*) FROM t") == "2")
    }

    @Test func `typed values keep their types`() throws {
        let connection = try connect()
        let query = try NamedQuery(
            """
            SELECT 1::smallint AS i2, -9223372036854775808 AS i8, 0.1::real AS f4, 0.1::float8 + 0.2 AS f8, 1.50 AS n,
              'NaN'::float8 AS nan, 1e400::numeric AS huge, 18446744073709551615::numeric AS wide, true AS yes, false AS no, NULL::int AS nothing,
              '2026-11-19 22:04:11.5+01'::timestamptz AS at, '2026-11-19 22:04:11'::timestamp AS local,
              'infinity'::timestamptz AS never, '0044-03-15 12:00:00 BC'::timestamp AS ides, :batch::date AS day,
              '{"b": [1, 2.5, null], "a": "x"}'::jsonb AS j, 'te''xt 🎧' AS text, :pipeline AS pipeline
            """, values: ["batch": "2026-11-20", "pipeline": "digits"])
        var rows: [JSONObject] = []
        try connection.forEachJSONRow(of: query) { rows.append($0) }
        #expect(
            rows == [
                [
                    "i2": 1, "i8": .int(.min), "f4": 0.1, "f8": .double(0.1 + 0.2), "n": 1.5, "nan": "NaN",
                    "huge": .string("1" + String(repeating: "0", count: 400)), "wide": .digits("18446744073709551615"),
                    "yes": true, "no": false, "nothing": nil,
                    "at": "2026-11-19T21:04:11.5Z", "local": "2026-11-19T22:04:11Z", "never": "infinity",
                    "ides": "0044-03-15 12:00:00 BC", "day": "2026-11-20", "j": ["a": "x", "b": [1, 2.5, nil]],
                    "text": "te'xt 🎧", "pipeline": "digits",
                ]
            ])
    }

    @Test func `the metadata query may only read`() throws {
        let server = try PostgresServer.running()
        let name = try server.makeDatabase()
        try server.psql("CREATE TABLE t (n int)", in: name)
        for (sql, kind, state) in [
            ("DELETE FROM t", Fault.Kind.configuration, "25006"), ("SELECT 1 AS a, 2 AS a", .configuration, nil),
            ("SELECT :batch::date", .configuration, "22007"), (#"SELECT '{"a": 1, "a": 2}'::json AS j"#, .damaged, nil),
        ] {
            let query = try NamedQuery(sql, values: ["batch": "adhoc"])
            let connection = try ConnectionTests.connect(server.url(name))
            let fault = try #require(throws: Fault.self) { try connection.forEachJSONRow(of: query) { _ in } }
            #expect(fault.kind == kind, "\(sql): \(fault)")
            #expect(fault.sqlState == state, "\(sql)")
        }
    }
}
