internal import Digests
internal import Synchronization

/// Short bodies waiting to be written and hashed. A thread takes several at once, because the digests of several
/// messages cost little more than that of one.
final class WaitingBodies: Sendable {
    typealias Waiting = (download: Int, body: ShortBody)

    private let waiting = Mutex<[Waiting]>([])

    func add(_ body: ShortBody, of download: Int) { waiting.withLock { $0.append((download, body)) } }

    /// The first of the waiting bodies; empty if another thread has taken them.
    func takeSeveral() -> [Waiting] {
        waiting.withLock { waiting in
            let several = waiting.prefix(SideBySide.lanes)
            waiting.removeFirst(several.count)
            return Array(several)
        }
    }
}
