internal import BatchFormat
internal import Downloads
public import Fault
internal import ObjectNotices
internal import ObjectSources
public import StageRun

/// The parts of a listing, as far as they are known.
protocol PartLayoutSource {
    /// The current assignment of items to parts.
    var layout: PartLayout { get }
}

extension PartLayout: PartLayoutSource {
    /// A complete layout.
    var layout: PartLayout { self }
}

/// Fetches parts one after another. The objects of the next parts are requested before the current one is complete, so
/// that transfers continue while a part is flushed and sealed.
public final class FetchPartMaker: PartMaker {
    private let identity: VersionIdentity
    private let source: any PartLayoutSource
    private let known: KnownObjects
    private let options: FetchOptions
    private let context: RunContext
    private let stream: DownloadStream
    private let notices: NoticedObjects?

    /// The parts started and not settled, by index.
    private var begun: [Int: FetchPart] = [:]
    /// The part, and the request in it, of each of the stream's requests.
    private var origins: [(part: Int, request: Int)] = []
    /// The digests of all objects in the version so far, with their items.
    private var digests: [String: ItemID]

    // How far requests go ahead: enough for the transfers while a part is sealed, little to lose in a crash.
    private static let itemsAhead = 512
    private static let bytesAhead = 256 << 20

    /// - Parameter notices: where new objects are announced, if anywhere.
    init(
        _ identity: VersionIdentity, layout: any PartLayoutSource, known: KnownObjects, stream: DownloadStream,
        options: FetchOptions, notices: NoticedObjects?, context: RunContext
    ) {
        self.identity = identity
        source = layout
        self.known = known
        self.options = options
        self.context = context
        self.stream = stream
        self.notices = notices
        digests = known.keptDigests
    }

    /// Makes part `index`.
    public func make(_ index: Int, in version: String) throws(Fault) -> MadePart {
        notices?.version = version
        let part = try begin(index, version)
        lookAhead(from: index, version)
        while !part.isComplete { try takeOutcomes() }
        if let forbidden = part.forbidden { try expectAnObject(version, else: forbidden) }
        begun[index] = nil
        try part.settle(&digests)
        return .folder(part.writer)
    }

    private func takeOutcomes() throws(Fault) {
        try context.checkStop()
        for (number, outcome) in try stream.outcomes() {
            let origin = origins[number]
            try begun[origin.part]?.note(origin.request, outcome)
        }
    }

    /// Waits for an object that can be read before a part with forbidden ones is sealed. If there is none in all of the
    /// listing, the credentials are wrong, and a night of nothing but rejections would hide that.
    private func expectAnObject(_ version: String, else message: String) throws(Fault) {
        while digests.isEmpty, !begun.values.contains(where: \.hasObjects) {
            if begun.values.contains(where: { !$0.isComplete }) {
                try takeOutcomes()
                continue
            }
            let layout = source.layout
            let next = layout.parts.indices.first {
                $0 > begun.keys.max() ?? -1 && !known.holdsPart(identity.key(input: layout.parts[$0].input))
            }
            guard let next else { throw Fault(.denied, "\(message); no other object can be read either") }
            _ = try begin(next, version)
        }
    }

    private func begin(_ index: Int, _ version: String) throws(Fault) -> FetchPart {
        if let part = begun[index] { return part }
        let layout = source.layout
        let slice = layout.slices[index]
        let writer = try PartWriter(version: version, name: layout.parts[index].name, incoming: slice.map(\.id))
        let part = try FetchPart(slice, writer, known: known, options: options, context: context)
        begun[index] = part
        origins += part.requests.indices.map { (index, $0) }
        stream.add(part.requests)
        return part
    }

    private func lookAhead(from index: Int, _ version: String) {
        let layout = source.layout
        var (items, bytes) = (0, 0)
        for next in layout.parts.indices.dropFirst(index + 1)
        where !known.holdsPart(identity.key(input: layout.parts[next].input)) {
            // An error is reported when its part is due, after the current part is sealed.
            guard (try? begin(next, version)) != nil else { return }
            items += layout.slices[next].count
            bytes += layout.slices[next].reduce(0) { $0 + Int(clamping: $1.entry.size ?? 0) }
            if items >= Self.itemsAhead || bytes >= Self.bytesAhead { return }
        }
    }
}
