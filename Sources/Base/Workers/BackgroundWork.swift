/// Work on a thread of its own whose result is awaited.
///
/// Releasing the last reference waits for the work to end, so that no work outlives its owner.
public final class BackgroundWork<Value: Sendable, Failure: Error>: Sendable {
    private let outcome: ConditionLocked<Result<Value, Failure>?>
    private let thread: WorkerThread

    /// Starts the work.
    public init(_ work: @escaping @Sendable () throws(Failure) -> Value) {
        let outcome = ConditionLocked<Result<Value, Failure>?>(nil)
        self.outcome = outcome
        thread = WorkerThread {
            let result: Result<Value, Failure>
            do throws(Failure) { result = .success(try work()) } catch { result = .failure(error) }
            outcome.change { $0 = result }
        }
    }

    deinit { thread.join() }

    /// Waits for the work to end; returns its value or throws its error.
    public func result() throws(Failure) -> Value { try outcome.wait { $0 }.get() }
}
