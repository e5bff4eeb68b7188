internal import Glibc
internal import Synchronization

/// Threads for blocking work: C libraries and file reads must not block Swift's cooperative pool.
public enum Workers {
    /// Runs `work` for 0..<count on `jobs` threads and passes the results to `consume` in order, on the caller's
    /// thread.
    ///
    /// At most `window` results are being made or waiting at any time, which bounds their memory. The first error
    /// thrown by either closure stops the rest and is thrown here, after every thread has ended.
    public static func orderedMap<Result: Sendable, Failure: Error>(
        count: Int, jobs: Int, window: Int,
        work: @escaping @Sendable (_ index: Int, _ worker: Int) throws(Failure) -> Result,
        consume: (_ index: Int, Result) throws(Failure) -> Void
    ) throws(Failure) {
        if jobs <= 1 || count <= 1 {
            for index in 0..<count { try consume(index, work(index, 0)) }
            return
        }
        let queue = OrderedQueue<Result, Failure>(count: count, window: max(window, jobs))
        var threads: [WorkerThread] = []
        for worker in 0..<min(jobs, count) {
            threads.append(
                WorkerThread {
                    while let index = queue.next() {
                        do throws(Failure) {
                            queue.put(.success(try work(index, worker)), at: index)
                        } catch {
                            queue.put(.failure(error), at: index)
                        }
                    }
                })
        }
        var failure: Failure?
        for index in 0..<count {
            do throws(Failure) {
                try consume(index, queue.take(index).get())
            } catch {
                failure = error
                break
            }
        }
        queue.stop()
        for thread in threads { thread.join() }
        if let failure { throw failure }
    }
}

/// Hands out indices within a window, and results in order.
private final class OrderedQueue<Value: Sendable, Failure: Error>: Sendable {
    private struct State {
        var handedOut = 0
        var taken = 0
        var stopped = false
        var results: [Int: Result<Value, Failure>] = [:]
    }

    private let count: Int
    private let window: Int
    private let state = ConditionLocked(State())

    init(count: Int, window: Int) {
        self.count = count
        self.window = window
    }

    func next() -> Int? {
        let (count, window) = (count, window)
        return state.wait {
            if $0.stopped || $0.handedOut == count { return .some(nil) }
            guard $0.handedOut < $0.taken + window else { return nil }
            $0.handedOut += 1
            return .some($0.handedOut - 1)
        }
    }

    func put(_ result: Result<Value, Failure>, at index: Int) { state.change { $0.results[index] = result } }

    func take(_ index: Int) -> Result<Value, Failure> {
        let result = state.wait { $0.results.removeValue(forKey: index) }
        state.change { $0.taken = index + 1 }
        return result
    }

    func stop() { state.change { $0.stopped = true } }
}
