internal import Durable
package import Fault
internal import PostgresClient

/// `sqlite:PATH` or `postgresql://…`.
package enum DatabaseAddress {
    /// Opens the database behind an address.
    ///
    /// - Parameters:
    ///   - url: The address; it may hold a password, and is never repeated in a message.
    ///   - application: The name that a server's administrators see.
    ///   - checkStop: Asked while waiting; throws when the run should stop.
    package static func open(
        _ url: String, application: String, checkStop: @escaping @Sendable () throws(Fault) -> Void
    ) throws(Fault) -> any ResultDatabase {
        if PostgresAddress.isPostgres(url) {
            var options = PostgresOptions()
            options.applicationName = application
            options.checkStop = checkStop
            return PostgresDatabase(try PostgresAddress(url), options: options)
        }
        return try SQLiteDatabase(path: try file(url), checkStop: checkStop)
    }

    /// Whether an address names a file that is not there yet.
    package static func isFileMissing(_ url: String) throws(Fault) -> Bool {
        PostgresAddress.isPostgres(url) ? false : try !Folders.exists(file(url))
    }

    /// The address as it may be recorded: no user, no password.
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
