internal import Fault
internal import Workers

/// Seals parts in the background, in order, while the next part is being made: flushing and hashing need the disk and a
/// core, but nothing of the maker's. At most one part is behind, which bounds what a dead run has to make again.
final class SealBehind {
    private var last: BackgroundWork<Void, Fault>?

    /// Starts to seal a part, after the one before is sealed; throws what kept that one from it.
    func start(_ seal: @escaping @Sendable () throws(Fault) -> Void) throws(Fault) {
        try wait()
        last = BackgroundWork(seal)
    }

    /// Waits until the last part is sealed, or throws what kept it from it, once.
    func wait() throws(Fault) {
        guard let work = last else { return }
        last = nil
        try work.result()
    }
}
