internal import CPQ
public import Fault

/// `COPY … FROM STDIN`, begun, fed and ended: the server works on what it was given while the caller makes more.
extension PostgresConnection {
    /// Sends rows with one COPY into `target`, a table with its columns such as `t (a, b)`, and returns how many the
    /// server took.
    @discardableResult
    public func copy(_ rows: CopyRows, into target: String) throws(Fault) -> Int {
        try beginCopy(into: target)
        try continueCopy(rows)
        return try endCopy()
    }

    /// Begins to copy into `target`, a table with its columns. Until it is ended, the connection can be used for nothing
    /// else; a fault leaves it good for nothing but closing, which makes the server give up the transaction.
    public func beginCopy(into target: String) throws(Fault) {
        guard PQsendQuery(handle, "COPY \(target) FROM STDIN (FORMAT binary)") == 1 else { throw clientFault() }
        guard let answer = try nextResult() else { throw clientFault() }
        if answer.isFailure { throw failed(answer) }
        try send(CopyRows.header)
    }

    /// Sends rows of the COPY begun by ``beginCopy(into:)``.
    ///
    /// Returns when the system has taken them, not when the server has. What the server dislikes is told by ``endCopy()``.
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

    /// Waits until the system has taken all of it.
    private func send(_ bytes: [UInt8]) throws(Fault) {
        // libpq copies what it is given into its own buffer: slices keep that one small.
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
