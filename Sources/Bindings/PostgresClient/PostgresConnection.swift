internal import CPQ
public import Fault
internal import Glibc

/// A connection to a PostgreSQL database, closed when it goes out of scope. One per worker: it is not `Sendable`.
///
/// No call waits for longer than a moment without asking `options.checkStop`, so a run can be stopped whatever the server
/// does, or does not do. The connection is then good for nothing but closing, which ends the statement in flight.
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
        guard PQsetnonblocking(connection.handle, 1) == 0 else { throw connection.clientFault() }
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
    ///
    /// And the server must notice by itself when nobody is there any more, or the locks of a lost connection would keep
    /// the next run out: while it waits, by probing (a minute, not the two hours that are the default); while a statement
    /// runs, by looking at the connection (since PostgreSQL 14).
    private func prepareSession() throws(Fault) {
        try runScript(
            """
            SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1;
            SET bytea_output = 'hex'; SET standard_conforming_strings = on;
            SET lock_timeout = '\(options.lockSeconds)s';
            SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
            SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'
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
        while PQisBusy(handle) == 1 { try wait() }
        guard let result = PQgetResult(handle) else { return nil }
        return PostgresResult(result)
    }

    /// Whether libpq still holds bytes that the system has not taken.
    func hasUnsent() throws(Fault) -> Bool {
        switch PQflush(handle) {
        case 0: return false
        case 1: return true
        default: throw clientFault()
        }
    }

    /// Waits, for a moment, until the server says something, or takes what is unsent. What it says is read at once: both
    /// sides could otherwise wait for each other for ever.
    func wait() throws(Fault) {
        try options.checkStop()
        let events = try hasUnsent() ? POLLIN | POLLOUT : POLLIN
        var socket = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
        if poll(&socket, 1, 100) > 0, Int32(socket.revents) & ~POLLOUT != 0, PQconsumeInput(handle) != 1 {
            throw clientFault()
        }
    }

    /// Reads and drops what is left of a statement that failed, so that the next one can be sent.
    func drain() {
        do throws(Fault) {
            while let rest = try nextResult() {
                // A connection that is lost in the middle of a COPY reports the COPY for ever.
                if rest.status == PGRES_COPY_IN || PQstatus(handle) == CONNECTION_BAD { return }
            }
        } catch {
            // The failure of the statement is the one to report; the connection is closed by whoever catches it.
            return
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
