internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON
internal import ObjectNotices
internal import ObjectSources
internal import StageRun

/// Reads a queue's messages about new objects, and deletes those whose objects are all in sealed parts. A message that
/// is not deleted is delivered again, to this run or to the next, and repeats what is known.
final class NoticedObjects {
    /// The folder of the version being made, once it is known.
    var version: String?
    private let queue: NoticeQueue
    private let context: RunContext
    /// Open messages by id, with what deletes them and their items.
    private var open: [String: (handle: String, items: [ItemID])] = [:]
    private var sealed: Set<ItemID> = []
    private var sealedParts = 0
    private var complainedOf: Set<String> = []
    private var mayBeDone = false

    init(_ queue: NoticeQueue, _ context: RunContext) {
        self.queue = queue
        self.context = context
    }

    /// The objects announced since the last call, without waiting.
    func news(from listing: SourceListing) throws(Fault) -> [ObjectEntry] {
        var news: [ObjectEntry] = []
        for message in try queue.news() {
            switch message.notice {
            case .unreadable(let reason): complain(message, "it is not an object notification: \(reason)")
            case .created(let objects):
                var (taken, foreign): ([ObjectEntry], Int) = ([], 0)
                for object in objects {
                    switch listing.source.meaning(of: object) {
                    case .entry(let entry): if listing.options.takes(entry.key) { taken.append(entry) }
                    case .nothing: break
                    case .foreign: foreign += 1
                    }
                }
                guard foreign == 0 || !taken.isEmpty else {
                    complain(message, "it announces no objects under \(listing.source.origin)")
                    continue
                }
                open[message.id] = (message.handle, taken.map { ItemID($0.key) })
                mayBeDone = true
                news += taken
            }
        }
        return news
    }

    /// Deletes the messages whose objects need no further work.
    ///
    /// - Parameter done: how many parts have been made; the last of them may not be sealed yet.
    func release(made done: Int, of layout: PartLayout) throws(Fault) {
        guard let version else { return }
        while sealedParts < min(done, layout.slices.count),
            Folders.exists("\(version)/\(layout.parts[sealedParts].name)/\(PartFolder.sealName)")
        {
            sealed.formUnion(layout.slices[sealedParts].map(\.id))
            sealedParts += 1
            mayBeDone = true
        }
        guard mayBeDone else { return }
        mayBeDone = false
        let ready = open.filter { $0.value.items.allSatisfy(sealed.contains) }
        guard !ready.isEmpty else { return }
        for id in ready.keys { open[id] = nil }
        do throws(Fault) {
            let kept = try queue.delete(ready.values.map(\.handle)) { () throws(Fault) in try context.checkStop() }
            if kept > 0 {
                warn("the queue '\(queue.name)' did not delete \(kept) messages; they will be delivered again")
            }
        } catch {
            // The objects are safe; the messages are delivered again, and deleted then.
            guard error.kind == .unavailable else { throw error }
            warn("\(error); \(ready.count) messages will be delivered again")
        }
    }

    /// Left in the queue, which counts deliveries and knows where to put unwanted messages.
    private func complain(_ message: NoticeQueue.Message, _ reason: String) {
        guard complainedOf.insert(message.id).inserted else { return }
        warn("the message \(message.id) of '\(queue.name)' is left in the queue: \(reason)")
    }

    private func warn(_ text: String) { context.events.record(NoticeKept(text)) }
}
