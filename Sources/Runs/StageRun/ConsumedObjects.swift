internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import Glibc
internal import PipelineConfig

/// The raw objects of the version that fetch is writing, as long as somebody still needs them (`[stream] consume`): those of a
/// part are released when every stage that reads them has sealed what it made of them.
final class ConsumedObjects {
    /// The names of the stages that read the version.
    let readers: [String]
    private let folder: StageFolder
    private let version: String
    private let toolVersion: String
    /// Bytes of the objects of parts that still hold them, by the parts' index.
    private var waiting: [Int: Int] = [:]
    private var looked = 0
    private var elsewhere: PartPlaces?

    /// Looks after a version; `nil` if nothing is to be released. The caller holds the lock of the version's stage.
    ///
    /// - Parameter tool: the tool that makes the version; only fetch's parts have raw objects.
    init?(_ folder: StageFolder, version: String, madeBy tool: String, _ request: StageRequest) {
        readers = request.consumers(of: folder.stage, madeBy: tool).map(\.stage)
        if readers.isEmpty { return nil }
        self.folder = folder
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
            if let part = try part(index) { try release(part) }
            waiting[index] = nil
        }
    }

    /// Releases a part here, and in the earlier versions that it was taken over from.
    private func release(_ part: PartReader) throws(Fault) {
        if elsewhere == nil { elsewhere = try PartPlaces(folder, except: version) }
        let own = PartPlaces.Place(version: version, name: part.name)
        for place in [own] + (elsewhere?.places[part.seal.digest] ?? []) {
            try place.release(to: readers, toolVersion: toolVersion)
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
    /// Releases, in all versions of the stage that was read, the parts that every reader has made its accepted version from,
    /// whichever run made it: also what runs that were stopped, held back or no stream have left. Called by each reader when
    /// it has come to its end, so that whoever is last does it. Where the stage's lock is taken, the next run does.
    ///
    /// - Parameter identity: that of the caller's version; another reader's differs in its name and its configuration.
    static func releaseRest(
        of input: StageInput, in folder: StageFolder, by identity: VersionIdentity, _ request: StageRequest
    ) throws(Fault) {
        let readers = request.consumers(of: folder.stage, madeBy: input.identity.tool)
        if readers.isEmpty { return }
        var due = try PartPlaces(folder).places
        for reader in readers {
            let own = try StageFolder(
                root: request.root, pipeline: request.pipeline, batch: request.batch, stage: reader.stage)
            guard let current = own.current(), own.held() == nil, let seal = try own.readable(current)?.seal else {
                return
            }
            // As it would make them now: after a change of its configuration it needs the objects again.
            let wanted = VersionIdentity(
                pipeline: request.pipeline, batch: request.batch, stage: reader.stage, tool: identity.tool,
                revision: identity.revision, config: reader.resultBearing, model: identity.model)
            let made = Set(seal.parts.map(\.key))
            due = due.filter { digest, _ in made.contains(wanted.key(input: digest)) }
        }
        let places = due.values.joined().filter(\.holdsObjects)
        if places.isEmpty { return }
        // The writer may be about to go.
        for _ in 0..<100 {
            if let lock = try FolderLock.trying(folder: folder.path, .exclusive) {
                for place in places {
                    try place.release(to: readers.map(\.stage), toolVersion: request.toolVersion)
                }
                lock.release()
                return
            }
            usleep(20_000)
        }
    }
}

extension StageRequest {
    /// The stages that consume the raw objects of a stage; none if there are none, or if they are to stay.
    fileprivate func consumers(of stage: String, madeBy tool: String) -> [StageConfig] {
        guard streaming.limits.consume, tool == StageTool.fetch.rawValue else { return [] }
        return streaming.readers[stage] ?? []
    }
}
