internal import Digests
internal import Synchronization

/// Short bodies that wait to be written and added up. Whichever thread comes first takes several, since digests of many
/// messages cost little more than that of one.
final class WaitingBodies: Sendable {
    typealias Waiting = (download: Int, body: ShortBody)

    private let waiting = Mutex<[Waiting]>([])

    func add(_ body: ShortBody, of download: Int) { waiting.withLock { $0.append((download, body)) } }

    /// The first of those that wait; none if another thread has taken them.
    func takeSeveral() -> [Waiting] {
        waiting.withLock { waiting in
            let several = waiting.prefix(SideBySide.lanes)
            waiting.removeFirst(several.count)
            return Array(several)
        }
    }
}
