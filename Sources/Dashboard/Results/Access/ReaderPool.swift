internal import Fault

/// Threads with a connection each.
final class ReaderPool: Sendable {
    private let jobs: JobPool<ReaderSlot>

    init(_ source: ReadSource, threads: Int, waiting: Int) {
        jobs = JobPool(threads: threads, waiting: waiting) { ReaderSlot(source) }
    }

    /// Runs `body` with a connection.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        try await jobs.run { (slot, flag) throws(Fault) in try slot.perform(flag, body) }
    }

    /// Ends running jobs, and refuses waiting ones.
    func close() { jobs.close() }
}

/// A thread's connection, opened when needed and dropped when it fails.
final class ReaderSlot {
    private let source: ReadSource
    private let interruption = Interruption()
    private var open: OpenReader?

    init(_ source: ReadSource) { self.source = source }

    func perform<Value>(
        _ flag: CancelFlag, _ body: (Reader) throws(Fault) -> Value
    ) throws(Fault) -> Value {
        interruption.setJob(flag)
        defer { interruption.setJob(nil) }
        try interruption.check()
        let wasOpen = open != nil
        do throws(Fault) {
            return try attempt(body)
        } catch {
            // An idle connection may have been lost long ago.
            guard wasOpen, error.kind == .unavailable else { throw error }
            return try attempt(body)
        }
    }

    private func attempt<Value>(_ body: (Reader) throws(Fault) -> Value) throws(Fault) -> Value {
        do throws(Fault) {
            if let open, open.isCurrent { return try open.use(body) }
            let fresh = try source.open(interruption)
            open = fresh
            return try fresh.use(body)
        } catch {
            // An invalid query leaves the connection usable; any other failure may not.
            if error.kind != .usage && error.kind != .missing { open = nil }
            throw error
        }
    }
}
