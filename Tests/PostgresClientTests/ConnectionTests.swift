import Fault
import Glibc
import PostgresClient
import Synchronization
import TestKit
import TestServers
import Testing

@Suite(.tags(.server)) struct ConnectionTests {
    static func connect(
        _ url: String, _ change: (inout PostgresOptions) -> Void = { _ in }
    ) throws(Fault) -> PostgresConnection {
        var options = PostgresOptions()
        options.backoff = .none
        change(&options)
        return try PostgresConnection(PostgresAddress(url), options: options)
    }

    private func faultOfConnecting(_ url: String) throws -> Fault {
        try #require(throws: Fault.self) { _ = try Self.connect(url) }
    }

    @Test func `a refused connection is unavailable`() throws {
        let fault = try faultOfConnecting("postgresql://u:secret@127.0.0.1:1/d")
        #expect(fault.kind == .unavailable)
        #expect(fault.message.contains("postgresql://127.0.0.1:1/d"))
        #expect(!fault.description.contains("secret"))
    }

    @Test func `a wrong password is denied`() throws {
        let server = try PostgresServer.running()
        let role = try server.makeDatabase()
        try server.psql("CREATE ROLE \(role) LOGIN PASSWORD 'right'", in: "postgres")
        let wrong = try faultOfConnecting(server.url("postgres", role: role, password: "secret-wrong"))
        #expect(wrong.kind == .denied)
        #expect(wrong.sqlState == "28P01")
        #expect(!wrong.description.contains("secret"))
        #expect(!wrong.description.contains("LOCATION"))
        let none = try faultOfConnecting(server.url("postgres", role: role) + "?passfile=/nonexistent")
        #expect(none.kind == .denied)
        _ = try Self.connect(server.url("postgres", role: role, password: "right"))
    }

    @Test func `a database that is not there is missing`() throws {
        let fault = try faultOfConnecting(try PostgresServer.running().url("nowhere"))
        #expect(fault.kind == .missing)
        #expect(fault.sqlState == "3D000")
    }

    @Test(arguments: ["?service=no-such-service", "?sslmode=perhaps", "?port=99999999"])
    func `impossible settings are the configuration's fault`(query: String) throws {
        #expect(try faultOfConnecting("postgresql://127.0.0.1/d" + query).kind == .configuration)
    }

    @Test func `too many connections count as unavailable`() throws {
        let server = try PostgresServer.running()
        let role = try server.makeDatabase()
        try server.psql("CREATE ROLE \(role) LOGIN PASSWORD 'p' CONNECTION LIMIT 0", in: "postgres")
        let fault = try faultOfConnecting(server.url("postgres", role: role, password: "p"))
        #expect(fault.kind == .unavailable)
        #expect(fault.sqlState == "53300")
    }

    @Test func `a server that does not answer is given up`() throws {
        // A socket that listens and never accepts: the kernel completes the handshake, but no server answers.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                #expect(bind(listener, address, length) == 0 && listen(listener, 1) == 0)
                #expect(getsockname(listener, address, &length) == 0)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        let before = ContinuousClock.now
        let fault = try faultOfConnecting("postgresql://127.0.0.1:\(port)/d?connect_timeout=1")
        #expect(fault.kind == .unavailable)
        #expect(ContinuousClock.now - before < .seconds(25))
    }

    @Test func `an unavailable server is tried again a bounded number of times`() throws {
        let stops = Atomic(0)
        let fault = try #require(throws: Fault.self) {
            try Backoff(attempts: 3, firstPause: 0.001).run(checkStop: {}) { () throws(Fault) in
                stops.add(1, ordering: .relaxed)
                throw Fault(.unavailable, "down")
            }
        }
        #expect(fault.kind == .unavailable)
        #expect(stops.load(ordering: .relaxed) == 3)
        let denied = Atomic(0)
        #expect(throws: Fault.self) {
            try Backoff(attempts: 3, firstPause: 0.001).run(checkStop: {}) { () throws(Fault) in
                denied.add(1, ordering: .relaxed)
                throw Fault(.denied, "no")
            }
        }
        #expect(denied.load(ordering: .relaxed) == 1)
    }

    @Test func `a statement in flight stops when the run should`() throws {
        let asked = Mutex(0)
        let connection = try Self.connect(try PostgresServer.running().url("postgres")) {
            $0.checkStop = { () throws(Fault) in
                let count = asked.withLock { count in
                    count += 1
                    return count
                }
                if count > 20 { throw Fault(.interrupted, "stop") }
            }
        }
        let before = ContinuousClock.now
        let fault = try #require(throws: Fault.self) { try connection.execute("SELECT pg_sleep(30)") }
        #expect(fault.kind == .interrupted)
        #expect(ContinuousClock.now - before < .seconds(25))
    }

    @Test func `a lost connection is unavailable`() throws {
        let server = try PostgresServer.running()
        let connection = try Self.connect(server.url("postgres"))
        try server.psql("SELECT pg_terminate_backend(\(connection.serverProcessID))", in: "postgres")
        let fault = try #require(throws: Fault.self) { try connection.execute("SELECT 1") }
        #expect(fault.kind == .unavailable)
        let again = try #require(throws: Fault.self) { try connection.execute("SELECT 1") }
        #expect(again.kind == .unavailable)
    }

    @Test func `a crashed server is unavailable`() throws {
        let server = try PostgresServer()
        defer { _ = try? server.stop() }
        let connection = try Self.connect(server.url("postgres"))
        try server.crash()
        #expect(try #require(throws: Fault.self) { try connection.execute("SELECT 1") }.kind == .unavailable)
        #expect(try faultOfConnecting(server.url("postgres")).kind == .unavailable)
        try server.restart()
        try Self.connect(server.url("postgres")).execute("SELECT 1")
    }

    @Test func `the name is seen by the server`() throws {
        let connection = try Self.connect(try PostgresServer.running().url("postgres")) {
            $0.applicationName = "store digits"
        }
        #expect(try connection.firstRow("SHOW application_name") { $0.text(0) } == "store digits")
        #expect(connection.databaseEncoding == "UTF8")
    }
}
