internal import Durable
package import Fault
internal import PostgresClient

/// `sqlite:PATH` or `postgresql://…`.
package enum DatabaseAddress {
    /// Opens the database at an address.
    ///
    /// - Parameters:
    ///   - url: the address; it may contain a password, and is never repeated in a message.
    ///   - application: the name shown to a server's administrators.
    ///   - retryFor: how many seconds a server that is unavailable is tried again; `nil` for the default.
    ///   - checkStop: called while waiting; throws if the run should stop.
    package static func open(
        _ url: String, application: String, retryFor: Double? = nil,
        checkStop: @escaping @Sendable () throws(Fault) -> Void
    ) throws(Fault) -> any ResultDatabase {
        if PostgresAddress.isPostgres(url) {
            var options = PostgresOptions()
            options.applicationName = application
            if let retryFor { options.backoff = Backoff(seconds: retryFor) }
            options.checkStop = checkStop
            return PostgresDatabase(try PostgresAddress(url), options: options)
        }
        return try SQLiteDatabase(path: try file(url), checkStop: checkStop)
    }

    /// Whether an address names a file that does not exist yet.
    package static func isFileMissing(_ url: String) throws(Fault) -> Bool {
        PostgresAddress.isPostgres(url) ? false : try !Folders.exists(file(url))
    }

    /// The address for records: no user, no password.
    package static func recorded(_ url: String) throws(Fault) -> String {
        PostgresAddress.isPostgres(url) ? try PostgresAddress(url).recorded : scheme + (try file(url))
    }

    private static let scheme = "sqlite:"

    private static func file(_ url: String) throws(Fault) -> String {
        guard url.hasPrefix(scheme) else {
            throw Fault(
                .configuration, "the database's address must be sqlite:PATH or postgresql://USER@HOST/DATABASE")
        }
        let path = String(url.dropFirst(scheme.count))
        guard !path.isEmpty, path != ":memory:", !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw Fault(.configuration, "sqlite: must be followed by the path of a file, as in sqlite:data/nocturne.db")
        }
        return path
    }
}
