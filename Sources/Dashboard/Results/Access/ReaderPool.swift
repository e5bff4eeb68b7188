internal import Fault
internal import Workers

/// Threads with a connection each, and the jobs that wait for them: libpq's and SQLite's calls block, which the threads of Swift's
/// own tasks must not.
final class ReaderPool: Sendable {
    private struct State {
        var waiting: [Job] = []
        var running: [CancelFlag] = []
        var isClosed = false
    }

    /// One question: how to answer it, or to say why not. One of the two is called, once.
    private struct Job: Sendable {
        let flag: CancelFlag
        let perform: @Sendable (ReaderSlot) -> Void
        let refuse: @Sendable (Fault) -> Void
    }

    private let state = ConditionLocked(State())
    private let mostWaiting: Int
    private let threads: [WorkerThread]

    init(_ source: ReadSource, threads: Int, waiting: Int) {
        mostWaiting = waiting
        self.threads = (0..<max(1, threads)).map { [state] _ in
            WorkerThread {
                let slot = ReaderSlot(source)
                while let job = state.wait(until: Self.next) {
                    job.perform(slot)
                    state.change { $0.running.removeAll { $0 === job.flag } }
                }
            }
        }
    }

    deinit {
        close()
        for thread in threads { thread.join() }
    }

    /// The next job to do; none once the pool is closed; `nil` while there is nothing to do.
    private static func next(_ state: inout State) -> Job?? {
        if state.isClosed { return .some(nil) }
        guard !state.waiting.isEmpty else { return nil }
        let job = state.waiting.removeFirst()
        state.running.append(job.flag)
        return job
    }

    /// Runs `body` on one of the threads. A cancelled task's job is taken out of the queue, or interrupted.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        let flag = CancelFlag()
        let result: Result<Value, Fault> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                add(
                    Job(flag: flag) { slot in
                        continuation.resume(returning: slot.perform(flag, body))
                    } refuse: { fault in
                        continuation.resume(returning: .failure(fault))
                    })
            }
        } onCancel: {
            cancel(flag)
        }
        return try result.get()
    }

    private func add(_ job: Job) {
        let most = mostWaiting
        let refusal: Fault? = state.change { state in
            if job.flag.isRaised { return Interruption.cancelled }
            if state.isClosed { return Self.closing }
            if state.waiting.count >= most {
                return Fault(.retryLater, "\(most) questions to the database wait already: ask again later")
            }
            state.waiting.append(job)
            return nil
        }
        if let refusal { job.refuse(refusal) }
    }

    private func cancel(_ flag: CancelFlag) {
        let waiting: Job? = state.change { state in
            // Raised under the lock: a job that is added later sees it.
            flag.raise()
            return state.waiting.firstIndex { $0.flag === flag }.map { state.waiting.remove(at: $0) }
        }
        waiting?.refuse(Interruption.cancelled)
    }

    /// Ends what runs, and refuses what waits.
    func close() {
        let waiting = state.change { state in
            state.isClosed = true
            for flag in state.running { flag.raise() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for job in waiting { job.refuse(Self.closing) }
    }

    private static let closing = Fault(.unavailable, "the server is stopping")
}

/// A thread's connection, made when it is needed and dropped when it fails.
final class ReaderSlot {
    private let source: ReadSource
    private let interruption = Interruption()
    private var open: OpenReader?

    init(_ source: ReadSource) { self.source = source }

    func perform<Value>(
        _ flag: CancelFlag, _ body: (Reader) throws(Fault) -> Value
    ) -> Result<Value, Fault> {
        interruption.setJob(flag)
        defer { interruption.setJob(nil) }
        do throws(Fault) {
            try interruption.check()
            let wasOpen = open != nil
            do throws(Fault) {
                return .success(try attempt(body))
            } catch {
                // A connection that lay idle may have been lost long ago.
                guard wasOpen, error.kind == .unavailable else { throw error }
                return .success(try attempt(body))
            }
        } catch {
            return .failure(error)
        }
    }

    private func attempt<Value>(_ body: (Reader) throws(Fault) -> Value) throws(Fault) -> Value {
        do throws(Fault) {
            if let open, open.isCurrent { return try open.use(body) }
            let fresh = try source.open(interruption)
            open = fresh
            return try fresh.use(body)
        } catch {
            // A question that made no sense leaves the connection as it was; everything else may not have.
            if error.kind != .usage && error.kind != .missing { open = nil }
            throw error
        }
    }
}
