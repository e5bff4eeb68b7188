internal import CPQ
public import Fault
internal import Glibc

/// `COPY … FROM STDIN`, begun, fed and ended: what the server takes from the connection while the caller makes more.
extension PostgresConnection {
    /// Sends rows with one `COPY … FROM STDIN` statement, and returns how many the server took.
    @discardableResult
    public func copy(_ rows: CopyRows, with statement: String) throws(Fault) -> Int {
        try beginCopy(statement)
        try continueCopy(rows)
        return try endCopy()
    }

    /// Begins a `COPY … FROM STDIN` statement. Until it is ended, the connection can be used for nothing else.
    public func beginCopy(_ statement: String) throws(Fault) {
        guard PQsendQuery(handle, statement) == 1 else { throw clientFault() }
        guard let answer = try nextResult() else { throw clientFault() }
        if answer.isFailure { throw failed(answer) }
        guard answer.status == PGRES_COPY_IN else {
            drain()
            throw Fault(.defect, "\(place): the statement is no COPY … FROM STDIN: \(statement)")
        }
    }

    /// Sends rows of the statement begun by ``beginCopy(_:)``.
    ///
    /// Returns when the system has taken them, not when the server has: it works on them while the caller makes the next
    /// ones. What the server dislikes is told by ``endCopy()``. A wait asks `options.checkStop`.
    public func continueCopy(_ rows: CopyRows) throws(Fault) {
        // Blocking calls could not be stopped while the server, busy or waiting itself, takes nothing.
        guard PQsetnonblocking(handle, 1) == 0 else { throw clientFault() }
        try send(rows)
        // The connection is closed by whoever catches a fault: only a success must leave it as it was.
        guard PQsetnonblocking(handle, 0) == 0 else { throw clientFault() }
    }

    /// Ends the statement begun by ``beginCopy(_:)``; returns how many rows the server took.
    public func endCopy() throws(Fault) -> Int {
        guard PQputCopyEnd(handle, nil) == 1 else { throw clientFault() }
        var taken = 0
        while let result = try nextResult() {
            if result.isFailure { throw failed(result) }
            taken = result.affectedRows
        }
        return taken
    }

    /// Gives up the statement begun by ``beginCopy(_:)``, so that the transaction around it can be rolled back at once
    /// and not only when the server notices that nobody is there any more.
    public func abandonCopy() {
        guard PQstatus(handle) == CONNECTION_OK, PQputCopyEnd(handle, "given up") == 1 else { return }
        drain()
    }

    private func send(_ rows: CopyRows) throws(Fault) {
        // libpq copies what it is given into its own buffer: slices keep that one small.
        let slice = 256 * 1024
        let sent = rows.bytes.withUnsafeBytes { bytes -> Result<Void, Fault> in
            do throws(Fault) {
                for start in stride(from: 0, to: bytes.count, by: slice) {
                    let part = bytes[start..<min(bytes.count, start + slice)]
                    let first = UnsafeRawBufferPointer(rebasing: part).assumingMemoryBound(to: CChar.self).baseAddress
                    guard PQputCopyData(handle, first, Int32(part.count)) == 1 else { throw clientFault() }
                    try flush()
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try sent.get()
    }

    /// Waits until libpq's buffer is empty. What the server says meanwhile is read, or both sides could wait for ever.
    private func flush() throws(Fault) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: break
            default: throw clientFault()
            }
            do throws(Fault) {
                try options.checkStop()
            } catch {
                cancel()
                throw error
            }
            var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN | POLLOUT), revents: 0)
            if poll(&socket, 1, 100) > 0, Int32(socket.revents) & ~POLLOUT != 0, PQconsumeInput(handle) != 1 {
                throw clientFault()
            }
        }
    }
}
