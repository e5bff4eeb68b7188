public import Digests
public import Durable
public import Fault
public import JSON
internal import Synchronization

/// A sealed part, opened for reading. Every file's digest is checked before its content is used.
public final class PartReader: Sendable {
    /// `part-00000`
    public let name: String
    /// The part's folder.
    public let folder: String
    /// The part's seal, checked.
    public let seal: PartSeal
    /// Files that ``readAhead()`` has checked, by name.
    private let checkedAhead = Mutex<[String: MappedFile]>([:])

    /// Opens a part and checks its seal against the version's.
    ///
    /// - Parameter digest: the part's digest in the version's seal; `nil` while the version is not sealed.
    public init(version: String, name: String, digest: Digest?) throws(Fault) {
        self.name = name
        folder = "\(version)/\(name)"
        let path = "\(folder)/\(PartFolder.sealName)"
        do throws(Fault) {
            seal = try PartSeal(reading: path)
        } catch {
            // A part listed in the seal of its version cannot be missing unless it was deleted.
            throw error.kind == .missing && digest != nil
                ? Fault(.damaged, "'\(path)' is missing, but listed in the version's seal") : error
        }
        if let digest, digest != seal.digest {
            throw Fault(
                .damaged, "'\(path)' is not the seal listed in the version's '\(VersionFolder.sealName)'")
        }
    }

    /// The ledger's lines, in order.
    public func items() throws(Fault) -> [LedgerRow] {
        let path = "\(folder)/\(PartFolder.itemsName)"
        let map = try checked(PartFolder.itemsName)
        var rows: [LedgerRow] = []
        for object in try JSONLines.parse(map.bytes, path: path) {
            guard let row = LedgerRow(object) else {
                throw Fault(.damaged, "'\(path)' line \(rows.count + 1) has no \"id\"")
            }
            rows.append(row)
        }
        return rows
    }

    /// The ledger's lines as written, in order, with their numbers; a line is valid during its call. For readers of
    /// many lines that need little of each.
    public func forEachLine(
        _ body: (_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws(Fault) -> Void
    ) throws(Fault) {
        let map = try checked(PartFolder.itemsName)
        try JSONLines.forEach(map.bytes, path: "\(folder)/\(PartFolder.itemsName)", body)
    }

    /// The fault for a ledger line that is not JSON.
    public func damage(inLine number: Int, _ error: JSONSyntaxError) -> Fault {
        JSONLines.damage("\(folder)/\(PartFolder.itemsName)", number, error)
    }

    /// The rejected items, in order.
    public func rejects() throws(Fault) -> [RejectRow] {
        guard seal.file(PartFolder.rejectsName) != nil else { return [] }
        let path = "\(folder)/\(PartFolder.rejectsName)"
        let map = try checked(PartFolder.rejectsName)
        var rows: [RejectRow] = []
        for object in try JSONLines.parse(map.bytes, path: path) {
            guard let row = RejectRow(object) else {
                throw Fault(.damaged, "'\(path)' line \(rows.count + 1) is not a rejection")
            }
            rows.append(row)
        }
        return rows
    }

    /// Whether the part has a file of that name.
    public func has(_ file: String) -> Bool { seal.file(file) != nil }

    /// A tensor file of the part, mapped, with its digest checked.
    public func tensors(_ file: String) throws(Fault) -> TensorFile { try TensorFile(checked(file)) }

    /// The absolute or root-relative path of an item's raw object, with its digest checked; throws 66 if it was
    /// released.
    public func objectPath(_ row: LedgerRow) throws(Fault) -> String {
        guard let object = row.fetched?.file else {
            throw Fault(.damaged, "the item '\(row.id)' in '\(folder)' has no raw object")
        }
        return try checked(object).path
    }

    /// Checks the ledger and the tensor files now, on any thread, so that later readers need not wait.
    public func readAhead() throws(Fault) {
        for file in seal.files where file.name == PartFolder.itemsName || TensorNames.isTensorFile(file.name) {
            let map = try Self.checked(file, in: folder)
            checkedAhead.withLock { $0[file.name] = map }
        }
    }

    /// Maps a file of the part after comparing its digest with the one in the seal.
    public func checked(_ file: String) throws(Fault) -> MappedFile {
        if let map = checkedAhead.withLock({ $0[file] }) { return map }
        guard let sealed = seal.file(file) else {
            throw Fault(.damaged, "'\(folder)' has no '\(file)' in its seal")
        }
        if !Folders.exists("\(folder)/\(file)"), let absence = try absence(of: file) { throw absence }
        return try Self.checked(sealed, in: folder)
    }

    /// Detects a missing, truncated or extended file without reading it.
    static func checkSize(_ sealed: SealedFile, in folder: String) throws(Fault) {
        let path = "\(folder)/\(sealed.name)"
        guard Folders.exists(path) else {
            throw Fault(.damaged, "'\(path)' is missing, but listed in the part's seal")
        }
        let size = try FileHandle.reading(path).size()
        guard size == sealed.bytes else {
            throw Fault(.damaged, "'\(path)' has \(size) bytes, its seal says \(sealed.bytes)")
        }
    }

    static func checked(_ sealed: SealedFile, in folder: String) throws(Fault) -> MappedFile {
        let path = "\(folder)/\(sealed.name)"
        let file: FileHandle
        do throws(Fault) {
            file = try FileHandle.reading(path)
        } catch {
            guard error.kind == .missing else { throw error }
            throw Fault(.damaged, "'\(path)' is missing, but listed in the part's seal")
        }
        let size = try file.size()
        guard size == sealed.bytes else {
            throw Fault(.damaged, "'\(path)' has \(size) bytes, its seal says \(sealed.bytes)")
        }
        guard try Digest(ofContentOf: file) == sealed.sha256 else {
            throw Fault(.damaged, "'\(path)' does not match its SHA-256: it was changed or damaged after sealing")
        }
        return try MappedFile(file)
    }
}

/// A version opened for reading.
public final class VersionReader: Sendable {
    /// The version's folder.
    public let path: String
    /// The version's seal, checked.
    public let seal: VersionSeal

    /// Opens a sealed version; 66 if there is none, 65 if its seal is damaged.
    public init(_ path: String) throws(Fault) {
        self.path = path
        guard Folders.isFolder(path) else { throw Fault(.missing, "there is no version '\(path)'") }
        guard Folders.exists("\(path)/\(VersionFolder.sealName)") else {
            throw Fault(.missing, "'\(path)' is not sealed: its run has not ended, or died; run the stage again")
        }
        seal = try VersionSeal(reading: "\(path)/\(VersionFolder.sealName)")
    }

    /// The version's name, `v3`.
    public var name: String { Folders.name(of: path) }

    /// How other seals refer to this version.
    public var reference: InputReference {
        InputReference(
            pipeline: seal.identity.pipeline, batch: seal.identity.batch, stage: seal.identity.stage, version: name,
            digest: seal.digest)
    }

    /// Opens part `index`.
    public func part(_ index: Int) throws(Fault) -> PartReader {
        try PartReader(version: path, name: seal.parts[index].name, digest: seal.parts[index].digest)
    }

    /// The run's manifest.
    public func manifest() throws(Fault) -> RunManifest {
        try RunManifest(reading: "\(path)/\(VersionFolder.manifestName)")
    }
}
