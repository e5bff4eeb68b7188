internal import Synchronization

/// Tells jobs on other threads that their results are no longer needed.
final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    var isRequested: Bool { flag.load(ordering: .relaxed) }
    func request() { flag.store(true, ordering: .relaxed) }
}
