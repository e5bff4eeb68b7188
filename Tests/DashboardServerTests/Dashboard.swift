import Foundation
import JSON
import TestKit
import TestServers
import TestTools

/// The built tool, serving what the five built tools have stored.
final class Dashboard {
    /// Where it runs.
    let place: Workplace
    /// Where it listens.
    let port: Int
    private let running: Running

    /// Starts it on a workplace's database.
    ///
    /// - Parameters:
    ///   - database: its address; the workplace's SQLite file, unless given.
    ///   - arguments: further arguments.
    init(_ place: Workplace, database: String? = nil, _ arguments: [String] = []) throws {
        self.place = place
        running = try place.program(
            "dashboard",
            [
                "--listen", "127.0.0.1:0", "--root", "data", "--page", Self.page, "--audit-log", "audit.jsonl",
            ] + arguments,
            environment: ["NOCTURNE_DATABASE_URL": database ?? "sqlite:data/nocturne.db"]
        ).start()
        guard let url = try running.firstLine(), let port = url.split(separator: ":").last?.dropLast(),
            let port = Int(port)
        else { throw HarnessError("it did not start: \(try running.finish())") }
        self.port = port
    }

    /// A finished night, and the dashboard that shows it.
    convenience init(_ backend: Backend, _ arguments: [String] = []) throws {
        let place = try Workplace.finished()
        switch backend {
        case .sqlite: try self.init(place, arguments)
        case .postgres:
            let server = try PostgresServer.running()
            let database = server.url(try server.makeDatabase())
            try place.succeed("store", environment: ["NOCTURNE_DATABASE_URL": database])
            try self.init(place, database: database, arguments)
        }
    }

    /// The page's own files.
    static let page = Checkout.path("Sources/Dashboard/Page")

    /// A new connection to it.
    func connect(receiveBuffer: Int32? = nil) throws -> Wire { try Wire(port: port, receiveBuffer: receiveBuffer) }

    /// Sends a request on a new connection.
    ///
    /// - Parameters:
    ///   - target: the path and the query.
    ///   - headers: lines beside `Host` and `Connection`.
    func ask(_ target: String, method: String = "GET", headers: [String] = [], body: String = "") throws -> Answer {
        let wire = try connect()
        var lines = ["\(method) \(target) HTTP/1.1"]
        if !headers.contains(where: { $0.hasPrefix("Host:") }) { lines.append("Host: 127.0.0.1:\(port)") }
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        wire.send((lines + headers + ["Connection: close", "", body]).joined(separator: "\r\n"))
        return try wire.answer(hasBody: method != "HEAD")
    }

    /// Requests JSON, which must be returned.
    func json(_ target: String, headers: [String] = []) throws -> JSON {
        let answer = try ask(target, headers: headers)
        guard answer.status == 200 else { throw HarnessError("\(target): \(answer)") }
        return try answer.json()
    }

    /// Opens the stream of events, and waits until it is open.
    func listen(after lastEvent: String? = nil) throws -> Wire {
        let wire = try connect()
        let resume = lastEvent.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        wire.send("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\(resume)\r\n")
        guard try wire.head().status == 200, wire.read(through: "retry: 2000\n\n") != nil else {
            throw HarnessError("the stream of events did not open")
        }
        // A new listener is greeted with the database's state; what is read next is news.
        if lastEvent == nil, wire.read(through: "event: database\n") == nil || wire.read(through: "}\n\n") == nil {
            throw HarnessError("the stream of events did not say how the database is")
        }
        return wire
    }

    /// Stops it as an operator does, and returns its output.
    func stop(_ signal: Int32 = SIGTERM) throws -> Finished {
        running.signal(signal)
        return try running.finish()
    }

    /// The lines of its audit log.
    func audit() throws -> [JSON] {
        try place.text("audit.jsonl").split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    }

    /// How it ends if it must not even start.
    static func refusal(_ place: Workplace, _ arguments: [String], database: String? = "sqlite:x.db") throws -> Finished
    {
        try place.program(
            "dashboard", arguments, environment: database.map { ["NOCTURNE_DATABASE_URL": $0] } ?? [:]
        ).run()
    }
}
