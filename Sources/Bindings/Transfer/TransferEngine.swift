public import Fault
internal import Synchronization
internal import Workers

/// Performs many HTTP exchanges at once on a thread of its own, reusing connections.
///
/// The thread lives as long as the engine. Releasing the engine cancels its running transfers.
public final class TransferEngine: Sendable {
    private let loop: TransferLoop
    private let thread: WorkerThread
    private let lastID = Mutex<UInt64>(0)

    /// Starts the engine's thread.
    ///
    /// - Throws: `.defect` if libcurl does not start.
    public init() throws(Fault) {
        let loop = try TransferLoop()
        self.loop = loop
        thread = WorkerThread { loop.run() }
    }

    deinit {
        loop.send(.stop)
        thread.join()
    }

    /// Starts a transfer.
    ///
    /// - Parameter completion: called once, on the engine's thread; must be quick and must not block.
    /// - Returns: the transfer's id, for ``cancel(_:)``.
    @discardableResult
    public func start(
        _ request: HTTPRequest, into destination: BodyDestination,
        completion: @escaping @Sendable (TransferResult) -> Void
    ) -> TransferID {
        let id = lastID.withLock { last in
            last += 1
            return TransferID(number: last)
        }
        loop.send(.start(id, request, destination, completion))
        return id
    }

    /// Cancels a transfer: its completion is called with `.cancelled`, unless it has just ended otherwise.
    public func cancel(_ id: TransferID) { loop.send(.cancel(id)) }
}

/// Identifies a transfer of an engine.
public struct TransferID: Sendable, Hashable {
    let number: UInt64
}
