internal import Fault
internal import GRDB
internal import Glibc

/// Translates SQLite's result codes into faults.
enum SQLiteFault {
    /// The fault for an error; faults are returned unchanged.
    static func of(_ error: any Error, path: String, _ checkStop: () throws(Fault) -> Void) -> Fault {
        if let fault = error as? Fault { return fault }
        guard let error = error as? DatabaseError else { return Fault(.defect, "'\(path)': \(error)") }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            // Waiting also ends when the run is to stop, which is then the fault to report.
            do throws(Fault) { try checkStop() } catch { return error }
            return Fault(
                .retryLater, "another process keeps '\(path)' locked; run this again later", cause: error)
        case .SQLITE_FULL:
            return Fault(.disk, "the disk is full: '\(path)' or SQLite's temporary files cannot grow", cause: error)
        case .SQLITE_IOERR: return Fault(.disk, "the disk failed under '\(path)'", cause: error)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return Fault(.denied, "'\(path)' is not writable; give this user write permission", cause: error)
        case .SQLITE_CANTOPEN: return cannotOpen(path, error)
        case .SQLITE_NOTADB:
            return Fault(.damaged, "'\(path)' is not an SQLite database; name another file in store.url", cause: error)
        case .SQLITE_CORRUPT:
            return Fault(.damaged, "the database '\(path)' is damaged; restore it, or move it away", cause: error)
        case .SQLITE_ERROR: return Fault(.configuration, "'\(path)' does not fit this build", cause: error)
        default: return Fault(.defect, "'\(path)': SQLite refused a statement", cause: error)
        }
    }

    private static func cannotOpen(_ path: String, _ error: DatabaseError) -> Fault {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            return Fault(
                .configuration, "'\(path)' is a folder; store.url must name a file, as in sqlite:data/nocturne.db")
        }
        return Fault(
            .denied, "'\(path)' cannot be opened or created; check the permissions of the file and its folder",
            cause: error)
    }
}
