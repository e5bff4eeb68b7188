internal import CPQ
public import Fault
internal import Glibc

/// A connection to a PostgreSQL database, closed when it goes out of scope. One per worker: it is not `Sendable`.
///
/// Every wait for the server asks `options.checkStop`, so a run can be stopped while a statement is running; the
/// statement is then cancelled and the connection is good for nothing but closing.
public struct PostgresConnection: ~Copyable {
    let handle: OpaquePointer
    let options: PostgresOptions
    /// How errors name the database.
    let place: String

    /// Connects, trying again with growing pauses while the server is unavailable.
    ///
    /// Throws `.unavailable`, `.denied` (user, password, rights), `.missing` (no such database) or `.configuration`.
    public init(_ address: PostgresAddress, options: PostgresOptions = PostgresOptions()) throws(Fault) {
        self = try Self.connect(address, options)
    }

    private static func connect(
        _ address: PostgresAddress, _ options: PostgresOptions
    ) throws(Fault) -> PostgresConnection {
        let opened = try options.backoff.run(checkStop: options.checkStop) { () throws(Fault) -> Opened in
            try Opened.open(address, options)
        }
        let connection = PostgresConnection(
            adopting: opened, options: options, place: "PostgreSQL at \(address.recorded)")
        try connection.prepareSession()
        return connection
    }

    private init(adopting opened: consuming Opened, options: PostgresOptions, place: String) {
        handle = opened.release()
        self.options = options
        self.place = place
    }

    deinit { PQfinish(handle) }

    /// Values are exchanged as text, so the texts' form must not depend on how a server or a user is set up.
    private func prepareSession() throws(Fault) {
        try runScript(
            """
            SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1;
            SET bytea_output = 'hex'; SET standard_conforming_strings = on;
            SET lock_timeout = '\(options.lockSeconds)s'
            """)
    }

    /// The encoding in which the database keeps text, as the server names it (`UTF8`).
    public var databaseEncoding: String {
        PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? ""
    }

    /// The process id of the server's end, as `pg_stat_activity` shows it.
    public var serverProcessID: Int32 { PQbackendPID(handle) }

    // MARK: - Waiting

    /// The next result of the statement in flight, `nil` after the last one.
    func nextResult() throws(Fault) -> PostgresResult? {
        while PQisBusy(handle) == 1 {
            try waitUntilReadable()
            guard PQconsumeInput(handle) == 1 else { throw clientFault() }
        }
        guard let result = PQgetResult(handle) else { return nil }
        return PostgresResult(result)
    }

    private func waitUntilReadable() throws(Fault) {
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        while true {
            do throws(Fault) {
                try options.checkStop()
            } catch {
                cancel()
                throw error
            }
            if poll(&socket, 1, 100) > 0 { return }
        }
    }

    /// Asks the server to cancel the statement in flight. What it answers is read by whoever waits for the statement.
    func cancel() {
        guard let request = PQgetCancel(handle) else { return }
        var reason = [CChar](repeating: 0, count: 256)
        _ = PQcancel(request, &reason, 256)
        PQfreeCancel(request)
    }

    /// Reads and drops what is left of the statement in flight, so that the next one can be sent.
    func drain() {
        while let rest = PQgetResult(handle) {
            let status = PQresultStatus(rest)
            PQclear(rest)
            // A connection that is lost in the middle of a COPY reports the COPY for ever.
            if status == PGRES_COPY_IN || status == PGRES_COPY_OUT || PQstatus(handle) == CONNECTION_BAD { return }
        }
    }

    // MARK: - Faults

    /// The fault that the client side reports: nearly always a lost connection.
    func clientFault() -> Fault {
        let said = String(cString: PQerrorMessage(handle)).trimmedLines
        if PQstatus(handle) == CONNECTION_BAD {
            return Fault(.unavailable, "\(place): the connection was lost (\(said))")
        }
        return Fault(.defect, "\(place): \(said)")
    }

    /// The fault that a failed result reports.
    func fault(of result: borrowing PostgresResult) -> Fault {
        guard let state = result.sqlState else { return clientFault() }
        return Fault(
            SQLState.kind(state), "\(place): \(result.message)",
            cause: PostgresFailure(sqlState: state, detail: result.detail, hint: result.hint))
    }
}

extension String {
    /// The lines joined by `; `, without the white space around them.
    var trimmedLines: String {
        split(separator: "\n")
            .map { line in
                var line = line.drop { $0 == " " || $0 == "\t" }
                while line.last == " " { line.removeLast() }
                return String(line)
            }
            .filter { !$0.isEmpty }
            .joined(separator: "; ")
    }
}
