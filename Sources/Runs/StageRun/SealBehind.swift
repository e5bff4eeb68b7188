internal import Fault
internal import Synchronization
internal import Workers

/// Seals parts in the background, in order, while the next part is being made: flushing and hashing need the disk and a
/// core, but nothing from the part maker. At most one part is waiting, which bounds what must be made again after a
/// crash.
final class SealBehind {
    private var last: BackgroundWork<Void, Fault>?
    private var started = 0
    private let ended = Ended()

    private final class Ended: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Parts that are not sealed yet.
    var behind: Int { started - ended.count.load(ordering: .acquiring) }

    /// Starts to seal a part after the previous one; throws that one's error, if it failed.
    func start(_ seal: @escaping @Sendable () throws(Fault) -> Void) throws(Fault) {
        try wait()
        started += 1
        let ended = ended
        last = BackgroundWork { () throws(Fault) in
            try seal()
            ended.count.add(1, ordering: .releasing)
        }
    }

    /// Waits until the last part is sealed; throws its error, once, if it failed.
    func wait() throws(Fault) {
        guard let work = last else { return }
        last = nil
        try work.result()
    }
}
