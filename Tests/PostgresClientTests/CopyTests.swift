import Fault
import JSON
import PostgresClient
import TestServers
import Testing

struct CopyTests {
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

    private let statement = "COPY t (id, n, x, j) FROM STDIN"

    @Test func hostileTextArrivesExactly() throws {
        let connection = try connect()
        var rows = CopyRows()
        for (at, text) in Self.hostile.enumerated() {
            try rows.append(text)
            rows.append(at)
            rows.append(Double(at) / 3)
            try rows.append(["text": .string(text), text: 1])
            rows.endRow()
        }
        #expect(try connection.copy(rows, with: statement) == Self.hostile.count)
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

    @Test func nullIsNotTheTextNull() throws {
        let connection = try connect()
        var rows = CopyRows()
        try rows.append(nil as String?)
        rows.append(nil as Int?)
        rows.append(nil as Double?)
        try rows.append([:])
        rows.endRow()
        try connection.copy(rows, with: statement)
        #expect(
            try connection.firstRow("SELECT count(*) FROM t WHERE id IS NULL AND n IS NULL AND x IS NULL") { $0.int(0) }
                == 1)
    }

    @Test func nulIsRefused() throws {
        var rows = CopyRows()
        #expect(try #require(throws: Fault.self) { try rows.append("a\0b") }.kind == .damaged)
    }

    @Test func manyBuffersAreSentWithReusedMemory() throws {
        let connection = try connect()
        var rows = CopyRows()
        let text = String(repeating: "x\\", count: 400_000)
        for round in 0..<4 {
            rows.removeAll()
            #expect(rows.isEmpty && rows.byteCount == 0)
            for _ in 0..<3 {
                try rows.append(text)
                rows.append(round)
                rows.append(1.0)
                try rows.append([:])
                rows.endRow()
            }
            #expect(try connection.copy(rows, with: statement) == 3)
        }
        #expect(try connection.firstRow("SELECT sum(length(id)) FROM t") { $0.int(0) } == 12 * 800_000)
    }

    @Test func aRefusedCopyLeavesTheConnectionUsable() throws {
        let connection = try connect()
        var rows = CopyRows()
        try rows.append("only one column")
        rows.endRow()
        let fault = try #require(throws: Fault.self) { try connection.copy(rows, with: statement) }
        #expect(fault.sqlState == "22P04")
        #expect(throws: Fault.self) { try connection.copy(rows, with: "COPY nowhere FROM STDIN") }
        #expect(throws: Fault.self) { try connection.copy(rows, with: "SELECT 1") }
        #expect(try connection.firstRow("SELECT count(*) FROM t") { $0.int(0) } == 0)
    }

    @Test func aConnectionLostInTheMiddleIsUnavailable() throws {
        let server = try PostgresServer.running()
        let connection = try connect()
        var rows = CopyRows()
        for _ in 0..<200_000 {
            try rows.append("text")
            rows.append(1)
            rows.append(1.0)
            try rows.append([:])
            rows.endRow()
        }
        try server.psql("SELECT pg_terminate_backend(\(connection.serverProcessID))", in: "postgres")
        #expect(try #require(throws: Fault.self) { try connection.copy(rows, with: statement) }.kind == .unavailable)
    }
}
