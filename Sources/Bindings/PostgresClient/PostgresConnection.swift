internal import CPQ
public import Fault
internal import Glibc

/// A connection to a PostgreSQL database, closed when it goes out of scope. One per worker: it is not `Sendable`.
///
/// No call waits longer than a moment without calling `options.checkStop`, so a run can always be stopped, whatever the
/// server does or fails to do. The connection can then only be closed, which ends the statement in flight.
public struct PostgresConnection: ~Copyable {
    let handle: OpaquePointer
    let options: PostgresOptions
    /// The name of the database in errors.
    let place: String

    /// Connects, retrying with growing pauses while the server is unavailable.
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

    /// Values are exchanged as text, so their format must not depend on the settings of a server or a user.
    ///
    /// The server must also notice by itself when this process is gone, or the locks of a lost connection would block
    /// the next run: while idle, by probing (after a minute instead of the default two hours); during a statement, by
    /// checking the connection (since PostgreSQL 14).
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

    /// The encoding of the database's text, as the server names it (`UTF8`).
    public var databaseEncoding: String {
        PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? ""
    }

    /// The process id of the server process, as in `pg_stat_activity`.
    public var serverProcessID: Int32 { PQbackendPID(handle) }

    // MARK: - Waiting

    /// The next result of the statement in flight; `nil` after the last one.
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

    /// Waits a moment for the server to send data or to take unsent data. What it sends is read at once; otherwise both
    /// sides could wait for each other forever.
    func wait() throws(Fault) {
        try options.checkStop()
        let events = try hasUnsent() ? POLLIN | POLLOUT : POLLIN
        var socket = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
        if poll(&socket, 1, 100) > 0, Int32(socket.revents) & ~POLLOUT != 0, PQconsumeInput(handle) != 1 {
            throw clientFault()
        }
    }

    /// Reads and discards the rest of a failed statement, so that the next one can be sent.
    func drain() {
        do throws(Fault) {
            while let rest = try nextResult() {
                // A connection lost in the middle of a COPY reports the COPY forever.
                if rest.status == PGRES_COPY_IN || PQstatus(handle) == CONNECTION_BAD { return }
            }
        } catch {
            // The statement's failure is the one to report; the caller that catches it closes the connection.
            return
        }
    }

    // MARK: - Faults

    /// The fault behind a client-side failure: nearly always a lost connection.
    func clientFault() -> Fault {
        let said = String(cString: PQerrorMessage(handle)).trimmedLines
        if PQstatus(handle) == CONNECTION_BAD {
            return Fault(.unavailable, "\(place): the connection was lost (\(said))")
        }
        return Fault(.defect, "\(place): \(said)")
    }

    /// The fault behind a failed result.
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
