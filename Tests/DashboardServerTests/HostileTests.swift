import Foundation
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// Clients that are malicious or faulty.
@Suite struct HostileTests {
    /// The server still answers as before.
    private func isWell(_ dashboard: Dashboard) throws {
        #expect(try dashboard.ask("/api/v1/pipelines").status == 200)
    }

    @Test func `no path leads out of the page`() throws {
        let dashboard = try Dashboard(.sqlite)
        try dashboard.place.write("secret.txt", "secret")
        for target in [
            "/../../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/vendor/../../../../etc/passwd",
            "/..%2f..%2fsecret.txt",
            "//etc/passwd", "/vendor/..\\..\\secret.txt", "/index.html%00.txt", "/.nocturne", "/vendor/.nocturne",
            "/parts/",
            "http://127.0.0.1/../etc/passwd", "*",
        ] {
            let answer = try dashboard.ask(target)
            #expect([400, 404].contains(answer.status), "\(target): \(answer)")
            #expect(!answer.text.contains("root:") && !answer.text.contains("secret\n"), "\(target)")
        }
        // The names of batches and items reach the disk: those that lead elsewhere are not valid.
        for target in [
            "/api/v1/versions?pipeline=..&batch=..", "/api/v1/versions?pipeline=small&batch=..",
            "/api/v1/versions?pipeline=..%2F..&batch=x", "/api/v1/diff?pipeline=small&batch=x&stage=..&a=v1&b=v2",
            "/api/v1/item/audio?pipeline=small&batch=\(Workplace.batch)&id=..%2F..%2F..%2Fsecret.txt",
            "/api/v1/batches/../..", "/api/v1/batches/%2e%2e/%2e%2e", "/api/v1/batches/a%2Fb/c",
        ] {
            let answer = try dashboard.ask(target)
            #expect([400, 404].contains(answer.status), "\(target): \(answer)")
        }
    }

    @Test func `another host's name is not answered`() throws {
        let dashboard = try Dashboard(.sqlite)
        for host in ["elsewhere.example", "127.0.0.1.elsewhere.example", "localhost.elsewhere.example:80", "", "[::2]"]
        {
            let answer = try dashboard.ask("/api/v1/me", headers: ["Host: \(host)"])
            #expect([400, 421].contains(answer.status), "\(host): \(answer)")
        }
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:9"] {
            #expect(try dashboard.ask("/api/v1/me", headers: ["Host: \(host)"]).status == 200, "\(host)")
        }
        let wire = try dashboard.connect()
        wire.send("GET /api/v1/me HTTP/1.0\r\n\r\n")
        #expect(try wire.answer().status == 421, "no host at all")
    }

    @Test func `another site's page gets nothing in the user's name`() throws {
        let dashboard = try Dashboard(.sqlite)
        let rows = try dashboard.json("/api/v1/predictions?limit=1")["predictions"]?.array
        let id = try #require(rows?.first?["item"]?.string).replacing("/", with: "%2F")
        let audio = "/api/v1/item/audio?pipeline=small&batch=\(Workplace.batch)&id=\(id)"
        for target in [audio, "/api/v1/predictions.csv", "/api/v1/predictions", "/api/v1/events", "/metrics"] {
            for header in [
                "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: http://elsewhere.example",
                "Origin: http://127.0.0.1:1", "Origin: null",
            ] {
                let answer = try dashboard.ask(target, headers: [header])
                #expect(answer.status == 403, "\(target), \(header): \(answer)")
            }
        }
        #expect(try dashboard.audit().isEmpty, "nothing was handed out")
        for header in [
            "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "Origin: http://127.0.0.1:\(dashboard.port)",
        ] {
            #expect(try dashboard.ask(audio, headers: [header]).status == 200, "\(header)")
        }
        #expect(try dashboard.audit().count == 3)
        #expect(try dashboard.ask("/", headers: ["Sec-Fetch-Site: cross-site"]).status == 200, "a link to the page")
    }

    @Test func `huge heads and lines are refused`() throws {
        let dashboard = try Dashboard(.sqlite)
        let long = String(repeating: "a", count: 200_000)
        for request in [
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: \(long)\r\n\r\n",
            "GET /\(long) HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\n" + (0..<500).map { "X-\($0): a\r\n" }.joined() + "\r\n",
        ] {
            let wire = try dashboard.connect()
            wire.send(request)
            let answer = try? wire.answer()
            #expect(
                answer.map { (400..<500).contains($0.status) } ?? true,
                "\(request.prefix(60)): \(answer.map { "\($0)" } ?? "")")
            #expect(wire.isClosed())
        }
        try isWell(dashboard)
    }

    @Test func `unexpected bodies are refused`() throws {
        let dashboard = try Dashboard(.sqlite)
        for head in [
            "POST /login HTTP/1.1\r\nContent-Length: 1000000000", "GET / HTTP/1.1\r\nContent-Length: 1000000",
            "GET /api/v1/me HTTP/1.1\r\nTransfer-Encoding: chunked",
        ] {
            let wire = try dashboard.connect()
            wire.send("\(head)\r\nHost: localhost\r\n\r\n")
            #expect(try wire.answer().status == 413, "\(head)")
            #expect(wire.isClosed(), "\(head)")
        }
        let wire = try dashboard.connect()
        wire.send("POST /login HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: localhost\r\n\r\n")
        for _ in 0..<100 { wire.send("400\r\n" + String(repeating: "x", count: 1024) + "\r\n") }
        let answer = try wire.head()
        #expect([404, 413].contains(answer.status), "\(answer)")
        try isWell(dashboard)
    }

    @Test func `what is not HTTP is refused`() throws {
        let dashboard = try Dashboard(.sqlite)
        for text in [
            "hello\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ] {
            let wire = try dashboard.connect()
            wire.send(text)
            let answer = try? wire.head()
            #expect(
                answer.map { (400..<500).contains($0.status) } ?? true,
                "\(text.prefix(40)): \(answer.map { "\($0)" } ?? "")")
        }
        try isWell(dashboard)
    }

    @Test func `a client that asks too often waits`() throws {
        let place = try Workplace.finished()
        let dashboard = try Dashboard(place, ["--rate-limit", "5"])
        let wire = try dashboard.connect()
        var refused: Answer?
        for _ in 0..<40 where refused == nil {
            wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let answer = try wire.answer()
            if answer.status == 429 { refused = answer }
        }
        #expect(refused?.headers["retry-after"] == "1", "\(refused.map { "\($0)" } ?? "never refused")")
    }

    @Test func `many at once are all answered`() throws {
        let place = try Workplace.finished()
        let dashboard = try Dashboard(place, ["--rate-limit", "0"])
        let wires = try (0..<300).map { _ in try dashboard.connect() }
        for wire in wires { wire.send("GET /api/v1/predictions HTTP/1.1\r\nHost: localhost\r\n\r\n") }
        let bodies = try Set(wires.map { wire in try wire.answer().body })
        #expect(bodies.count == 1 && bodies.first?.isEmpty == false)
    }

    @Test func `a client that leaves midway harms nobody`() throws {
        let dashboard = try Dashboard(.sqlite)
        for target in ["/api/v1/predictions.csv", "/api/v1/events", "/api/v1/predictions", "/vendor/echarts.js"] {
            for _ in 0..<20 {
                let wire = try dashboard.connect(receiveBuffer: 2048)
                wire.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            }
        }
        try isWell(dashboard)
        var listeners = "?"
        for _ in 0..<1500 where listeners != "0" {
            let metrics = try dashboard.ask("/metrics").text.split(separator: "\n")
            listeners =
                metrics.first { $0.hasPrefix("nocturne_dashboard_listeners ") }?.split(separator: " ").last.map(
                    String.init) ?? "?"
            usleep(20_000)
        }
        #expect(listeners == "0")
    }

    @Test func `a client that leaves no longer keeps the database busy`() throws {
        let place = try Workplace.finished()
        // Now every query of predictions runs indefinitely and finds nothing.
        let change = """
            import sqlite3, sys
            sqlite3.connect(sys.argv[1]).executescript('ALTER TABLE predictions RENAME TO kept; CREATE VIEW predictions AS '
                'SELECT kept.* FROM kept, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) '
                'SELECT i FROM n) WHERE i < 0')
            """
        try Program(["/usr/bin/python3", "-c", change, place["data/nocturne.db"]]).run().successful()
        let dashboard = try Dashboard(place)
        func waiting() throws -> String? {
            try dashboard.ask("/metrics").text.split(separator: "\n")
                .first { $0.hasPrefix("nocturne_dashboard_waiting ") }?.split(separator: " ").last.map(String.init)
        }
        var wires: [Wire] = []
        // Two make the same request, and share an answer.
        for target in ["predictions", "predictions", "predictions?sort=item", "predictions.csv"] {
            wires.append(try dashboard.connect())
            wires.last?.send("GET /api/v1/\(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        }
        while try waiting() != "3" { usleep(10_000) }
        wires.removeFirst()
        while try waiting() != "2" { usleep(10_000) }
        wires.removeAll()
        while try waiting() != "0" { usleep(10_000) }
        let done = try dashboard.stop()
        let lines = try done.complaints.filter { $0.hasPrefix("{") }.map { try JSON(parsing: Array($0.utf8)) }
        let statuses = lines.filter { $0["target"]?.string?.contains("predictions") == true }.map { $0["status"]?.int }
        // A request whose query takes too long receives 503.
        #expect(statuses == [499, 499, 499, 499], "\(done)")
    }

    @Test func `a log that nobody reads blocks nobody`() throws {
        let place = try Workplace.finished()
        let dashboard = try Dashboard(place, ["--rate-limit", "0"])
        // Its standard error is a pipe that this test does not read, with room for about 64 KiB.
        let wire = try dashboard.connect()
        for _ in 0..<2000 {
            wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try #require(try wire.answer().status == 200)
        }
        let done = try dashboard.stop()
        #expect(done.code == 143)
        let lines = try done.complaints.filter { $0.hasPrefix("{") }.map { try JSON(parsing: Array($0.utf8)) }
        #expect(lines.filter { $0["event"]?.string == "request" }.count == 2000)
    }
}
