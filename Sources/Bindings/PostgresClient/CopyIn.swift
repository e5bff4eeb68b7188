internal import CPQ
public import Fault

extension PostgresConnection {
    /// Sends rows with one `COPY … FROM STDIN` statement, and returns how many the server took.
    ///
    /// Larger amounts are sent as several such statements, each with a full buffer: between two of them nothing is half
    /// sent, so a run can be stopped there, and memory stays at the buffer's size.
    @discardableResult
    public func copy(_ rows: CopyRows, with statement: String) throws(Fault) -> Int {
        guard PQsendQuery(handle, statement) == 1 else { throw clientFault() }
        guard let answer = try nextResult() else { throw clientFault() }
        if answer.isFailure { throw failed(answer) }
        guard answer.status == PGRES_COPY_IN else {
            drain()
            throw Fault(.defect, "\(place): the statement is no COPY … FROM STDIN: \(statement)")
        }
        guard sendBytes(of: rows), PQputCopyEnd(handle, nil) == 1 else { throw clientFault() }
        var taken = 0
        while let result = try nextResult() {
            if result.isFailure { throw failed(result) }
            taken = result.affectedRows
        }
        return taken
    }

    private func sendBytes(of rows: CopyRows) -> Bool {
        // libpq copies what it is given into its own buffer: slices keep that one small.
        let slice = 256 * 1024
        return rows.bytes.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count {
                let count = min(slice, bytes.count - at)
                let start = bytes.baseAddress?.advanced(by: at).assumingMemoryBound(to: CChar.self)
                guard PQputCopyData(handle, start, Int32(count)) == 1 else { return false }
                at += count
            }
            return true
        }
    }
}
