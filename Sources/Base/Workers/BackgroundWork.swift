/// One piece of work on a thread of its own, for whose result somebody waits.
///
/// The last owner to let go of it waits for its end, so that no work outlives those who asked for it.
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

    /// Waits for the end of the work: its value, or its error thrown here.
    public func result() throws(Failure) -> Value { try outcome.wait { $0 }.get() }
}
