internal import CPQ
internal import Fault
internal import Glibc

/// A connection being opened; closed again unless it is released to its user.
struct Opened: ~Copyable {
    private let handle: OpaquePointer

    /// Opens a connection in a single attempt. Throws the fault that the failure means, never with a password in it.
    static func open(_ address: PostgresAddress, _ options: PostgresOptions) throws(Fault) -> Opened {
        let settings = ConnectionSettings(address, options)
        guard let handle = settings.withPointers({ PQconnectStartParams($0, $1, 1) }) else {
            throw Fault(.defect, "out of memory")
        }
        let opened = Opened(adopting: handle)
        guard try opened.waitUntilOpen(seconds: settings.connectSeconds * address.hostCount, options) else {
            throw opened.fault(address, settings)
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        return opened
    }

    private init(adopting handle: OpaquePointer) {
        self.handle = handle
        cpq_silence_notices(handle)
        // Without this, a refusal carries no SQLSTATE, and its text may be in any language.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    }

    deinit { PQfinish(handle) }

    /// Passes on the open connection.
    consuming func release() -> OpaquePointer {
        let handle = handle
        discard self
        return handle
    }

    private func waitUntilOpen(seconds: Int, _ options: PostgresOptions) throws(Fault) -> Bool {
        guard PQstatus(handle) != CONNECTION_BAD else { return false }
        let deadline = ContinuousClock.now + .seconds(seconds)
        var events = Int16(POLLOUT)
        while ContinuousClock.now < deadline {
            try options.checkStop()
            // The socket may change from step to step, because libpq moves on to the next address or host by itself.
            var socket = pollfd(fd: PQsocket(handle), events: events, revents: 0)
            if poll(&socket, 1, 100) == 0 { continue }
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_OK: return true
            case PGRES_POLLING_FAILED: return false
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            default: events = Int16(POLLOUT)
            }
        }
        return false
    }

    private func fault(_ address: PostgresAddress, _ settings: ConnectionSettings) -> Fault {
        let said = String(cString: PQerrorMessage(handle))
        let place = "cannot connect to PostgreSQL at \(address.recorded)"
        // Verbose messages end with a location in the server's source, which is of no use here.
        let lines = said.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }.joined(separator: "\n")
            .trimmedLines
        if let state = SQLState.find(in: said) {
            let kind = SQLState.kind(state)
            return Fault(
                kind, "\(place): \(lines)\(Self.advice(kind))",
                cause: PostgresFailure(sqlState: state, detail: nil, hint: nil))
        }
        if PQconnectionNeedsPassword(handle) == 1 {
            return Fault(.denied, "\(place): \(lines)\(Self.advice(.denied))")
        }
        if PQstatus(handle) != CONNECTION_BAD {
            return Fault(.unavailable, "\(place): no answer within \(settings.connectSeconds) s")
        }
        // No attempt was made: the settings are wrong (an unknown service, an impossible sslmode).
        if settings.withPointers({ PQpingParams($0, $1, 1) }) == PQPING_NO_ATTEMPT {
            return Fault(.configuration, "\(place): \(lines)")
        }
        return Fault(.unavailable, "\(place): \(lines)")
    }

    private static func advice(_ kind: Fault.Kind) -> String {
        switch kind {
        case .denied: "; check the user, its password (PGPASSFILE or PGPASSWORD) and the server's pg_hba.conf"
        case .missing: "; create it with createdb, or correct the name in the URL"
        default: ""
        }
    }
}

/// The names and values passed to libpq: our defaults, then the URL, then what must not be overridden.
private struct ConnectionSettings {
    let connectSeconds: Int
    private let pairs: [(name: String, value: String)]

    init(_ address: PostgresAddress, _ options: PostgresOptions) {
        // A name from the environment or a service file would lose against ours, so look for those first.
        let given = Self.namesGivenElsewhere()
        var pairs: [(name: String, value: String)] = []
        func preset(_ name: String, _ value: String) {
            if given[name] == nil { pairs.append((name, value)) }
        }
        let seconds = given["connect_timeout"].flatMap { Int($0) } ?? options.connectSeconds
        preset("connect_timeout", String(seconds))
        preset("tcp_user_timeout", String(options.connectSeconds * 1000))
        preset("keepalives_idle", "30")
        preset("keepalives_interval", "10")
        preset("keepalives_count", "3")
        pairs.append(("fallback_application_name", options.applicationName))
        pairs.append(("dbname", address.url))
        pairs.append(("client_encoding", "UTF8"))
        self.pairs = pairs
        // To libpq, 0 means "wait forever"; a nightly job must end.
        let asked = address.connectSeconds ?? seconds
        connectSeconds = asked > 0 ? asked : options.connectSeconds
    }

    private static func namesGivenElsewhere() -> [String: String] {
        guard let defaults = PQconndefaults() else { return [:] }
        defer { PQconninfoFree(defaults) }
        var given: [String: String] = [:]
        var option = defaults
        while let keyword = option.pointee.keyword {
            let isBuiltIn = option.pointee.val.map { value in
                option.pointee.compiled.map { strcmp(value, $0) == 0 } ?? false
            }
            if isBuiltIn == false, let value = option.pointee.val {
                given[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return given
    }

    /// Calls `body` with the names and the values, each list ending with a null pointer.
    func withPointers<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        let names = CStringList(pairs.map(\.name))
        let values = CStringList(pairs.map(\.value))
        return names.withPointers { names in values.withPointers { values in body(names, values) } }
    }
}
