public import BatchFormat
internal import Digests
internal import Durable
public import Fault
internal import Glibc
public import JSON
public import PipelineConfig

/// The raw objects of the version that fetch is writing, while a stage still needs them (`[stream] consume`): those of
/// a part are released when every stage that reads them has sealed its results.
public final class ConsumedObjects {
    /// The names of the stages that read the version.
    public let readers: [String]
    private let folder: StageFolder
    private let version: String
    /// Bytes of objects in parts that still have them, by part index.
    private var waiting: [Int: Int] = [:]
    private var looked = 0
    private var elsewhere: PartPlaces?

    /// Manages a version; `nil` if nothing consumes its objects. The caller holds the lock of the version's stage.
    public init?(_ folder: StageFolder, version: String, readers: [StageConfig]) {
        if readers.isEmpty { return nil }
        self.readers = readers.map(\.stage)
        self.folder = folder
        self.version = version
    }

    /// Bytes of raw objects present at the last check.
    public var bytes: Int { waiting.values.reduce(0, +) }

    /// Releases the objects of parts that every reader has finished with.
    ///
    /// - Parameters:
    ///   - progress: for each reader, how many parts it has sealed.
    ///   - record: when and by what.
    public func release(_ progress: [String: Int], record: JSONObject) throws(Fault) {
        while let part = try part(looked) {
            if try part.released() == nil { waiting[looked] = part.seal.rawObjects.reduce(0) { $0 + $1.bytes } }
            looked += 1
        }
        let consumed = readers.map { progress[$0] ?? 0 }.min() ?? 0
        for index in waiting.keys.sorted() where index < consumed {
            if let part = try part(index) { try release(part, record) }
            waiting[index] = nil
        }
    }

    /// Releases a part here, and in the earlier versions that it was reused from.
    private func release(_ part: PartReader, _ record: JSONObject) throws(Fault) {
        if elsewhere == nil { elsewhere = try PartPlaces(folder, except: version) }
        let own = PartPlaces.Place(version: version, name: part.name)
        for place in [own] + (elsewhere?.places[part.seal.digest] ?? []) {
            try place.release(to: readers, record: record)
        }
    }

    /// A sealed part.
    private func part(_ index: Int) throws(Fault) -> PartReader? {
        let name = VersionFolder.partName(index)
        guard Folders.exists("\(version)/\(name)/\(PartFolder.sealName)") else { return nil }
        return try PartReader(version: version, name: name, digest: nil)
    }
}

extension ConsumedObjects {
    /// Releases, in all versions of the stage that was read, the parts that every reader has made its accepted version
    /// from, in whichever run: including what runs that were stopped, held back or not streamed have left. Each reader
    /// calls it when it ends, so that the last one does the work. If the stage's lock is taken, the next run does it.
    ///
    /// - Parameters:
    ///   - folder: the stage that was read, under `root`.
    ///   - readers: the stages that read it.
    ///   - identity: the caller's; another reader's differs in name and configuration.
    ///   - record: when and by what.
    public static func releaseRest(
        of folder: StageFolder, below root: String, readers: [StageConfig], by identity: VersionIdentity,
        record: JSONObject
    ) throws(Fault) {
        if readers.isEmpty { return }
        var due = try PartPlaces(folder).places
        for reader in readers {
            let own = try BatchAddress(root: root, pipeline: folder.pipeline, batch: folder.batch).stage(reader.stage)
            guard let current = own.current(), own.held() == nil, let seal = try own.readable(current)?.seal else {
                return
            }
            // With its current configuration: after a change it needs the objects again.
            let wanted = VersionIdentity(
                pipeline: folder.pipeline, batch: folder.batch, stage: reader.stage, tool: identity.tool,
                revision: identity.revision, config: reader.resultBearing, model: identity.model)
            let made = Set(seal.parts.map(\.key))
            due = due.filter { digest, _ in made.contains(wanted.key(input: digest)) }
        }
        let places = due.values.joined().filter(\.holdsObjects)
        if places.isEmpty { return }
        // The writer may be about to end.
        for _ in 0..<100 {
            if let lock = try FolderLock.trying(folder: folder.path, .exclusive) {
                for place in places { try place.release(to: readers.map(\.stage), record: record) }
                lock.release()
                return
            }
            usleep(20_000)
        }
    }
}
