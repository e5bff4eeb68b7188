internal import BatchFormat
internal import Downloads
internal import Fault
internal import ObjectSources
internal import StageRun

/// Brings parts one after another. The objects of the next ones are asked for before the one in hand is whole, so that
/// transfers go on while a part is flushed and sealed.
final class PartFetcher {
    private let identity: VersionIdentity
    private let layout: () -> PartLayout
    private let known: KnownObjects
    private let options: FetchOptions
    private let context: RunContext
    private let stream: DownloadStream

    /// The parts that have been begun and not settled, by their index.
    private var begun: [Int: FetchPart] = [:]
    /// Which part, and which of its requests, each of the stream's requests is.
    private var origins: [(part: Int, request: Int)] = []
    /// The digests of all bytes that the version holds so far, with the item that holds them.
    private var digests: [String: ItemID]

    // This much is asked for ahead: enough for the transfers while a part is sealed, little to lose in a crash.
    private static let itemsAhead = 512
    private static let bytesAhead = 256 << 20

    /// - Parameter layout: the parts as far as they are known.
    init(
        _ identity: VersionIdentity, layout: @escaping () -> PartLayout, known: KnownObjects, stream: DownloadStream,
        options: FetchOptions, context: RunContext
    ) {
        self.identity = identity
        self.layout = layout
        self.known = known
        self.options = options
        self.context = context
        self.stream = stream
        digests = known.keptDigests
    }

    /// Makes a part, up to but not including its seal.
    func make(_ index: Int, in version: String) throws(Fault) -> PartWriter {
        let part = try begin(index, version)
        lookAhead(from: index, version)
        while !part.isComplete {
            try context.checkStop()
            for (number, outcome) in try stream.outcomes() {
                let origin = origins[number]
                try begun[origin.part]?.note(origin.request, outcome)
            }
        }
        begun[index] = nil
        try part.settle(&digests)
        return part.writer
    }

    private func begin(_ index: Int, _ version: String) throws(Fault) -> FetchPart {
        if let part = begun[index] { return part }
        let layout = layout()
        let slice = layout.slices[index]
        let writer = try PartWriter(version: version, name: layout.parts[index].name, incoming: slice.map(\.id))
        let part = try FetchPart(slice, writer, known: known, options: options, context: context)
        begun[index] = part
        origins += part.requests.indices.map { (index, $0) }
        stream.add(part.requests)
        return part
    }

    private func lookAhead(from index: Int, _ version: String) {
        let layout = layout()
        var (items, bytes) = (0, 0)
        for next in layout.parts.indices.dropFirst(index + 1)
        where !known.holdsPart(identity.key(input: layout.parts[next].input)) {
            // What stands in its way is told at its turn: the part in hand is sealed before.
            guard (try? begin(next, version)) != nil else { return }
            items += layout.slices[next].count
            bytes += layout.slices[next].reduce(0) { $0 + Int(clamping: $1.entry.size ?? 0) }
            if items >= Self.itemsAhead || bytes >= Self.bytesAhead { return }
        }
    }
}
