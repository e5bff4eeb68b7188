internal import BatchFormat
internal import Durable
internal import Fault
internal import Glibc
internal import JSON
internal import PipelineConfig

/// The raw objects of a version that fetch brings, as long as somebody still needs them (`[stream] consume`): those of a
/// part are released when every stage that reads it has sealed what it made of it.
final class ConsumedObjects {
    private let version: String
    private let readers: [String]
    private let toolVersion: String
    /// Bytes of the objects of parts that still hold them, by the parts' index.
    private var waiting: [Int: Int] = [:]
    private var looked = 0

    /// Looks after a version; `nil` if nothing is to be released. The caller holds the lock of the version's stage.
    init?(version: String, stage: String, _ request: StageRequest) {
        readers = request.streaming.readers[stage] ?? []
        guard request.streaming.limits.consume, !readers.isEmpty else { return nil }
        self.version = version
        toolVersion = request.toolVersion
    }

    /// Bytes of raw objects that were there at the last look.
    var bytes: Int { waiting.values.reduce(0, +) }

    /// Releases the objects of parts that everybody is through with.
    ///
    /// - Parameter progress: for each reader, how many parts it has sealed.
    func release(_ progress: [String: Int]) throws(Fault) {
        while let part = try part(looked) {
            if try part.released() == nil { waiting[looked] = part.seal.rawObjects.reduce(0) { $0 + $1.bytes } }
            looked += 1
        }
        let consumed = readers.map { progress[$0] ?? 0 }.min() ?? 0
        for index in waiting.keys.sorted() where index < consumed {
            try part(index)?.release(
                .consumed, message: "consumed by \(readers.joined(separator: ", "))",
                run: [
                    "released_at": .string(Clock.text(Clock.now())), "host": .string(Clock.host()),
                    "tool_version": .string(toolVersion),
                ])
            waiting[index] = nil
        }
    }

    /// A part that is sealed.
    private func part(_ index: Int) throws(Fault) -> PartReader? {
        let name = VersionFolder.partName(index)
        guard Folders.exists("\(version)/\(name)/\(PartFolder.sealName)") else { return nil }
        return try PartReader(version: version, name: name, digest: nil)
    }
}

extension ConsumedObjects {
    /// Releases what is left when a reader has come to its end: whoever is last finds that all have accepted versions made
    /// from this one. Where the stage's lock is taken, the run that holds it does the same.
    static func releaseRest(of input: VersionReader, _ request: StageRequest) throws(Fault) {
        let stage = input.seal.identity.stage
        let folder = try StageFolder(
            root: request.root, pipeline: request.pipeline, batch: request.batch, stage: stage)
        guard let objects = ConsumedObjects(version: input.path, stage: stage, request) else { return }
        var progress: [String: Int] = [:]
        for reader in objects.readers {
            let own = try StageFolder(
                root: request.root, pipeline: request.pipeline, batch: request.batch, stage: reader)
            guard let current = own.current(), own.held() == nil, let seal = try own.readable(current)?.seal,
                seal.parts.count == input.seal.parts.count
            else { return }
            // Made from another version of the same parts, its keys say so.
            let isMadeFromThis = zip(seal.parts, input.seal.parts).allSatisfy { made, read in
                made.key == seal.identity.key(input: read.digest)
            }
            guard isMadeFromThis else { return }
            progress[reader] = seal.parts.count
        }
        // The writer may be about to go.
        for _ in 0..<100 {
            if let lock = try FolderLock.trying(folder: folder.path, .exclusive) {
                try objects.release(progress)
                lock.release()
                return
            }
            usleep(20_000)
        }
    }
}
