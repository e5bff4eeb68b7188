internal import CPQ
public import Fault

/// `COPY … FROM STDIN` in three steps, begin, continue and end: the server works on the rows sent while the caller
/// makes more.
extension PostgresConnection {
    /// Sends rows with one COPY into `target`, a table with its columns such as `t (a, b)`; returns how many rows the
    /// server took.
    @discardableResult
    public func copy(_ rows: CopyRows, into target: String) throws(Fault) -> Int {
        try beginCopy(into: target)
        try continueCopy(rows)
        return try endCopy()
    }

    /// Begins to copy into `target`, a table with its columns. Until the copy ends, the connection can be used for
    /// nothing else. After a fault it can only be closed, which makes the server roll back the transaction.
    public func beginCopy(into target: String) throws(Fault) {
        guard PQsendQuery(handle, "COPY \(target) FROM STDIN (FORMAT binary)") == 1 else { throw clientFault() }
        guard let answer = try nextResult() else { throw clientFault() }
        if answer.isFailure { throw failed(answer) }
        try send(CopyRows.header)
    }

    /// Sends rows of the COPY begun by ``beginCopy(into:)``.
    ///
    /// Returns when the system has taken them, not when the server has; ``endCopy()`` reports what the server rejects.
    public func continueCopy(_ rows: CopyRows) throws(Fault) { try send(rows.bytes) }

    /// Ends the COPY begun by ``beginCopy(into:)``; returns how many rows the server took.
    public func endCopy() throws(Fault) -> Int {
        try send(CopyRows.trailer)
        guard PQputCopyEnd(handle, nil) == 1 else { throw clientFault() }
        var taken = 0
        while let result = try nextResult() {
            if result.isFailure { throw failed(result) }
            taken += result.affectedRows
        }
        return taken
    }

    /// Waits until the system has taken all bytes.
    private func send(_ bytes: [UInt8]) throws(Fault) {
        // libpq copies its input into a buffer of its own: slices keep that buffer small.
        let slice = 256 * 1024
        for start in stride(from: 0, to: bytes.count, by: slice) {
            let count = min(slice, bytes.count - start)
            let taken = bytes.withUnsafeBytes { bytes in
                PQputCopyData(
                    handle, bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self), Int32(count))
            }
            guard taken == 1 else { throw clientFault() }
            while try hasUnsent() { try wait() }
        }
    }
}
