internal import Fault
internal import Synchronization
internal import Workers

/// Seals parts in the background, in order, while the next part is being made: flushing and hashing need the disk and a
/// core, but nothing of the maker's. At most one part is behind, which bounds what a dead run has to make again.
final class SealBehind {
    private var last: BackgroundWork<Void, Fault>?
    private var started = 0
    private let ended = Ended()

    private final class Ended: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Parts that are not sealed yet.
    var behind: Int { started - ended.count.load(ordering: .acquiring) }

    /// Starts to seal a part, after the one before is sealed; throws what kept that one from it.
    func start(_ seal: @escaping @Sendable () throws(Fault) -> Void) throws(Fault) {
        try wait()
        started += 1
        let ended = ended
        last = BackgroundWork { () throws(Fault) in
            try seal()
            ended.count.add(1, ordering: .releasing)
        }
    }

    /// Waits until the last part is sealed, or throws what kept it from it, once.
    func wait() throws(Fault) {
        guard let work = last else { return }
        last = nil
        try work.result()
    }
}
