internal import Workers

/// Threads for hashing and copying, so that the thread that manages transfers never waits for a disk.
final class HashingThreads: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosing = false
    }

    private let state: ConditionLocked<State>
    private let threads: [WorkerThread]

    init(threads count: Int) {
        let state = ConditionLocked(State())
        self.state = state
        threads = (0..<max(1, count)).map { _ in
            WorkerThread {
                while let job = Self.next(of: state) { job() }
            }
        }
    }

    deinit {
        state.change { $0.isClosing = true }
        for thread in threads { thread.join() }
    }

    func run(_ job: @escaping @Sendable () -> Void) { state.change { $0.jobs.append(job) } }

    /// `nil` when the pool is closing and every job has been run.
    private static func next(of state: ConditionLocked<State>) -> (@Sendable () -> Void)? {
        state.wait { state in
            if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
            return state.isClosing ? .some(nil) : nil
        }
    }
}
