internal import Fault
internal import Workers

/// Threads for blocking calls, which must not block Swift's own threads, and the jobs waiting for them.
///
/// Each thread has a resource of its own for its jobs, such as a connection.
final class JobPool<Slot>: Sendable {
    private struct State {
        var waiting: [Job] = []
        var running: [CancelFlag] = []
        var isClosed = false
    }

    /// A job: either runs or is refused, once. `perform` returns a closure that delivers the result.
    private struct Job: Sendable {
        let flag: CancelFlag
        let perform: @Sendable (Slot) -> @Sendable () -> Void
        let refuse: @Sendable (Fault) -> Void
    }

    private let state = ConditionLocked(State())
    /// How many jobs may run or wait.
    private let mostJobs: Int
    private let threads: [WorkerThread]

    /// - Parameters:
    ///   - waiting: how many jobs may wait before more are refused; with 0, only one per thread is accepted.
    ///   - slot: makes a thread's resource, on that thread.
    init(threads: Int, waiting: Int, slot: @escaping @Sendable () -> Slot) {
        mostJobs = max(1, threads) + waiting
        self.threads = (0..<max(1, threads)).map { [state] _ in
            WorkerThread {
                let slot = slot()
                while let job = state.wait(until: Self.next) {
                    let tell = job.perform(slot)
                    // Freed first, so that a caller that gets its result and submits the next job finds the place free.
                    state.change { $0.running.removeAll { $0 === job.flag } }
                    tell()
                }
            }
        }
    }

    deinit {
        close()
        for thread in threads { thread.join() }
    }

    /// The next job; the inner `nil` once the pool is closed, the outer `nil` while there is nothing to do.
    private static func next(_ state: inout State) -> Job?? {
        if state.isClosed { return .some(nil) }
        guard !state.waiting.isEmpty else { return nil }
        let job = state.waiting.removeFirst()
        state.running.append(job.flag)
        return job
    }

    /// Runs `body` on one of the threads. If the task is cancelled, its job is removed from the queue, or its flag is
    /// raised.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (Slot, CancelFlag) throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        let flag = CancelFlag()
        let result: Result<Value, Fault> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                add(
                    Job(flag: flag) { slot in
                        let result: Result<Value, Fault>
                        do throws(Fault) { result = .success(try body(slot, flag)) } catch { result = .failure(error) }
                        return { continuation.resume(returning: result) }
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
        let most = mostJobs
        let refusal: Fault? = state.change { state in
            if job.flag.isRaised { return Interruption.cancelled }
            if state.isClosed { return Interruption.stopping }
            if state.running.count + state.waiting.count >= most {
                return Fault(.retryLater, "\(most) of this kind are running or waiting; try again later")
            }
            state.waiting.append(job)
            return nil
        }
        if let refusal { job.refuse(refusal) }
    }

    private func cancel(_ flag: CancelFlag) {
        let waiting: Job? = state.change { state in
            // Raised under the lock, so that a job added later sees it.
            flag.raise()
            return state.waiting.firstIndex { $0.flag === flag }.map { state.waiting.remove(at: $0) }
        }
        waiting?.refuse(Interruption.cancelled)
    }

    /// Ends running jobs, and refuses waiting ones.
    func close() {
        let waiting = state.change { state in
            state.isClosed = true
            for flag in state.running { flag.raise() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for job in waiting { job.refuse(Interruption.stopping) }
    }
}
