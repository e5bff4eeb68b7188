import Fault
import JSON
import PostgresClient
import TestKit
import TestServers
import Testing

@Suite(.tags(.server)) struct CopyTests {
    static let hostile = [
        "", " ", "\\.", "\\N", "\\", "a\tb", "a\nb", "a\r\nb", "\u{8}\u{b}\u{c}\u{1}\u{1f}\u{7f}", "quote's \"q\"",
        "🎧👩‍👩‍👧",
        "e\u{301}", "\u{e9}", "\u{feff}\u{200b}\u{202e}", "\u{fffe}\u{10ffff}", "NULL", "$1 :batch %s {}", "\\x41\\101",
    ]

    private func connect() throws -> PostgresConnection {
        let connection = try ConnectionTests.connect(try PostgresServer.running().url("postgres"))
        try connection.execute("CREATE TEMP TABLE t (at serial, id text, n bigint, x float8, j jsonb)")
        return connection
    }

    private let target = "t (id, n, x, j)"

    @Test func `hostile text arrives exactly`() throws {
        let connection = try connect()
        var rows = CopyRows(columns: 4)
        for (at, text) in Self.hostile.enumerated() {
            try rows.append(text)
            rows.append(at)
            rows.append(Double(at) / 3)
            rows.append(["text": .string(text), text: 1] as JSONObject)
            rows.endRow()
        }
        #expect(try connection.copy(rows, into: target) == Self.hostile.count)
        var found: [String] = []
        try connection.forEachRow("SELECT id, n, x, j->>'text', j ? id FROM t ORDER BY at") { row in
            let at = found.count
            #expect(row.text(3)?.hasSameBytes(as: row.text(0) ?? "?") == true)
            #expect(row.int(1) == at)
            #expect(row.text(2).flatMap { Double($0) } == Double(at) / 3)
            #expect(row.text(4) == "t")
            found.append(row.text(0) ?? "NULL")
        }
        #expect(zip(found, Self.hostile).allSatisfy { $0.hasSameBytes(as: $1) })
        #expect(found.count == Self.hostile.count)
    }

    @Test func `NULL is not the text "null"`() throws {
        let connection = try connect()
        var rows = CopyRows(columns: 4)
        try rows.append(nil as String?)
        rows.append(nil as Int?)
        rows.append(nil as Double?)
        rows.append([:] as JSONText)
        rows.endRow()
        try connection.copy(rows, into: target)
        #expect(
            try connection.firstRow("SELECT count(*) FROM t WHERE id IS NULL AND n IS NULL AND x IS NULL") { $0.int(0) }
                == 1)
    }

    @Test func `every type arrives as itself`() throws {
        let connection = try ConnectionTests.connect(try PostgresServer.running().url("postgres"))
        try connection.execute("CREATE TEMP TABLE t (n bigint, x float8, at timestamptz, j jsonb)")
        var rows = CopyRows(columns: 4)
        rows.append(Int.min)
        rows.append(-0.1)
        rows.append(microsecondsSince1970: -1)
        rows.append(["a": [1, nil]] as JSONText)
        rows.endRow()
        rows.append(Int.max)
        rows.append(Double.greatestFiniteMagnitude)
        rows.append(microsecondsSince1970: 1_795_125_600_000_001)
        rows.append([:] as JSONObject)
        rows.endRow()
        #expect(rows.rowCount == 2)
        try connection.copy(rows, into: "t")
        var found: [[String?]] = []
        try connection.forEachRow("SELECT n, x, at, j FROM t ORDER BY n") { row in
            found.append((0..<row.count).map { row.text($0) })
        }
        #expect(
            found == [
                ["-9223372036854775808", "-0.1", "1969-12-31 23:59:59.999999+00", #"{"a": [1, null]}"#],
                ["9223372036854775807", "1.7976931348623157e+308", "2026-11-19 22:00:00.000001+00", "{}"],
            ])
    }

    @Test func `rows of several buffers are one statement`() throws {
        let connection = try connect()
        try connection.beginCopy(into: "t (n)")
        for number in 1...3 {
            var rows = CopyRows(columns: 1)
            rows.append(number)
            rows.endRow()
            try connection.continueCopy(rows)
        }
        #expect(try connection.endCopy() == 3)
        #expect(try connection.firstRow("SELECT sum(n) FROM t") { $0.int(0) } == 6)
    }

    @Test func `NUL is refused`() throws {
        var rows = CopyRows(columns: 4)
        #expect(try #require(throws: Fault.self) { try rows.append("a\0b") }.kind == .damaged)
    }

    @Test func `many buffers are sent with reused memory`() throws {
        let connection = try connect()
        var rows = CopyRows(columns: 4)
        let text = String(repeating: "x\\", count: 400_000)
        for round in 0..<4 {
            rows.removeAll()
            #expect(rows.isEmpty && rows.byteCount == 0)
            for _ in 0..<3 {
                try rows.append(text)
                rows.append(round)
                rows.append(1.0)
                rows.append([:] as JSONText)
                rows.endRow()
            }
            #expect(try connection.copy(rows, into: target) == 3)
        }
        #expect(try connection.firstRow("SELECT sum(length(id)) FROM t") { $0.int(0) } == 12 * 800_000)
    }

    @Test func `a refused copy leaves the connection usable`() throws {
        let connection = try connect()
        var rows = CopyRows(columns: 4)
        try rows.append("only one column")
        rows.endRow()
        let fault = try #require(throws: Fault.self) { try connection.copy(rows, into: target) }
        #expect(fault.sqlState == "22P04")
        let unknown = try #require(throws: Fault.self) { try connection.copy(rows, into: "nowhere") }
        #expect(unknown.sqlState == "42P01")
        #expect(try connection.firstRow("SELECT count(*) FROM t") { $0.int(0) } == 0)
    }

    @Test func `a connection lost in the middle is unavailable`() throws {
        let server = try PostgresServer.running()
        let connection = try connect()
        var rows = CopyRows(columns: 4)
        for _ in 0..<200_000 {
            try rows.append("text")
            rows.append(1)
            rows.append(1.0)
            rows.append([:] as JSONText)
            rows.endRow()
        }
        try server.psql("SELECT pg_terminate_backend(\(connection.serverProcessID))", in: "postgres")
        #expect(try #require(throws: Fault.self) { try connection.copy(rows, into: target) }.kind == .unavailable)
    }
}
