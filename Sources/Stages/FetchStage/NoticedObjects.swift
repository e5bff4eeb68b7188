internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON
internal import ObjectStore
internal import StageRun

/// What a queue tells of new objects, and which of its messages may be deleted: those whose objects all stand in sealed
/// parts. A message that is not deleted comes again, to this run or to the next, and repeats what is known.
final class NoticedObjects {
    /// The folder of the version that is being made, as soon as it is known.
    var version: String?
    private let queue: NoticeQueue
    private let context: RunContext
    /// Messages by their ids, with what deletes them and the items they tell of.
    private var open: [String: (handle: String, items: [ItemID])] = [:]
    private var sealed: Set<ItemID> = []
    private var sealedParts = 0
    private var complainedOf: Set<String> = []
    private var mayBeDone = false

    init(_ queue: NoticeQueue, _ context: RunContext) {
        self.queue = queue
        self.context = context
    }

    /// The objects that messages have told of since the last time, without waiting for any.
    func news(from listing: SourceListing) throws(Fault) -> [ObjectEntry] {
        var news: [ObjectEntry] = []
        for message in try queue.news() {
            switch message.notice {
            case .unreadable(let reason): complain(message, "it is no notice of an object: \(reason)")
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
                    complain(message, "it tells of other objects than those under \(listing.source.origin)")
                    continue
                }
                open[message.id] = (message.handle, taken.map { ItemID($0.key) })
                mayBeDone = true
                news += taken
            }
        }
        return news
    }

    /// Deletes the messages of whose objects there is nothing left to do.
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
            if kept > 0 { warn("the queue '\(queue.name)' did not let go of \(kept) messages; they will come again") }
        } catch {
            // The objects are safe; the messages come again, and are deleted then.
            guard error.kind == .unavailable else { throw error }
            warn("\(error); \(ready.count) messages will come again")
        }
    }

    /// Left to the queue, which knows how often it has given a message and where to put those that nobody wants.
    private func complain(_ message: NoticeQueue.Message, _ reason: String) {
        guard complainedOf.insert(message.id).inserted else { return }
        warn("the message \(message.id) of '\(queue.name)' is left there: \(reason)")
    }

    private func warn(_ text: String) { context.events.record("notice_kept", level: .warning, text) }
}
