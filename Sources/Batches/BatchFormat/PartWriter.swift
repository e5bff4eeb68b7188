public import Digests
internal import Durable
public import Fault
internal import JSON

/// A part being written, in a folder with a temporary name that becomes the part when it is sealed.
///
/// Items are settled in the order in which they came in, each exactly once, by ``append(_:)``, by
/// ``reject(_:reason:message:)``, or by ``settlePieces(of:)`` if an item becomes several; a part with unsettled items
/// cannot be sealed.
public final class PartWriter {
    /// The part's temporary folder.
    public let folder: String
    private let final: String
    private let version: String
    private let incoming: [ItemID]
    private var settled = 0
    private var items = 0
    private var rejected: [String: Int] = [:]
    private var ledger: LineFile
    private var rejects: LineFile?
    private var tensors: [(name: String, writer: TensorFileWriter)] = []
    private var pieces: [SettledPiece] = []
    private var split = SplitCount()
    private var objects: [SealedFile] = []
    /// Batches of the part that were made smaller because memory was short.
    public var memoryCuts = MemoryCuts()

    /// Starts a part.
    ///
    /// - Parameters:
    ///   - version: the version's folder.
    ///   - name: `part-00000`.
    ///   - incoming: the ids that come in, in order.
    public init(version: String, name: String, incoming: [ItemID]) throws(Fault) {
        self.version = version
        self.incoming = incoming
        final = "\(version)/\(name)"
        folder = "\(version)/.tmp-\(name)"
        try Folders.remove(folder)
        try Folders.make(folder)
        ledger = try LineFile("\(folder)/\(PartFolder.itemsName)")
    }

    private func settle(_ id: ItemID) throws(Fault) {
        guard settled < incoming.count, incoming[settled] == id else {
            let expected = settled < incoming.count ? "'\(incoming[settled])'" : "no further item"
            throw Fault(.defect, "the stage settled the item '\(id)' where \(expected) was due")
        }
        settled += 1
    }

    /// Settles the next item: it continues to the next stage with this line.
    public func append(_ row: LedgerRow) throws(Fault) {
        guard row.object["id"]?.string.map(ItemID.init) == row.id else {
            throw Fault(.defect, "the stage changed the id on the line of the item '\(row.id)'")
        }
        try settle(row.id)
        items += 1
        try ledger.append(row.object)
    }

    /// Settles the next item together with its float32 tensor.
    ///
    /// - Parameters:
    ///   - file: the tensor file's name, `audio.safetensors`.
    ///   - shape: the dimensions, row-major.
    public func append(
        _ row: LedgerRow, tensor file: String, shape: [Int], floats: UnsafeBufferPointer<Float>
    ) throws(Fault) {
        try extendTensor(file, floats: floats)
        try append(row, tensor: file, shape: shape)
    }

    /// Settles the next item together with the float32 tensor whose data was passed to ``extendTensor(_:floats:)``.
    ///
    /// - Parameter shape: the dimensions, row-major; `nil` for a single dimension of the data's length.
    public func append(_ row: LedgerRow, tensor file: String, shape: [Int]? = nil) throws(Fault) {
        try append(row)
        let writer = try tensorFile(file)
        writer.close(row.id, shape: shape)
        writer.keep()
    }

    /// Appends data to the next item's tensor, whose size need not be known yet.
    public func extendTensor(_ file: String, floats: UnsafeBufferPointer<Float>) throws(Fault) {
        try tensorFile(file).extend(floats)
    }

    /// Settles the next item by rejecting it for a documented reason.
    public func reject(
        _ id: ItemID, reason: String, message: String, duplicateOf original: ItemID? = nil
    ) throws(Fault) {
        try discardPending()
        try settle(id)
        try writeReject(RejectRow(id: id, reason: reason, message: message, duplicateOf: original?.text))
    }

    private func writeReject(_ row: RejectRow) throws(Fault) {
        rejected[row.reason, default: 0] += 1
        if rejects == nil { rejects = try LineFile("\(folder)/\(PartFolder.rejectsName)") }
        try rejects?.append(row.object)
    }

    /// Adds a piece of the next item, with the tensor whose data was passed to ``extendTensor(_:floats:)``.
    public func appendPiece(_ row: LedgerRow, tensor file: String) throws(Fault) {
        try tensorFile(file).close(row.id, shape: nil)
        pieces.append(.kept(row))
    }

    /// Adds a rejected piece of the next item; data of its tensor is discarded.
    public func rejectPiece(_ id: ItemID, of source: ItemID, reason: String, message: String) throws(Fault) {
        for tensor in tensors { try tensor.writer.drop() }
        pieces.append(.rejected(RejectRow(id: id, reason: reason, message: message, source: source.text)))
    }

    /// Settles the next item: its pieces replace it, in the order in which they were added.
    public func settlePieces(of id: ItemID) throws(Fault) {
        try settle(id)
        guard !pieces.isEmpty else { throw Fault(.defect, "the item '\(id)' was settled without any pieces") }
        for piece in pieces {
            switch piece {
            case .kept(let row):
                items += 1
                try ledger.append(row.object)
            case .rejected(let row): try writeReject(row)
            }
        }
        split.items += 1
        split.pieces += pieces.count
        pieces.removeAll()
        for tensor in tensors { tensor.writer.keep() }
    }

    /// Discards what was added for the next item: its pieces, and the data of its tensors.
    public func discardPending() throws(Fault) {
        pieces.removeAll()
        for tensor in tensors { try tensor.writer.discard() }
    }

    /// Creates a tensor file even if no item has a tensor in it.
    ///
    /// - Parameter room: bytes to reserve in its header for pieces. Too few only cost time.
    public func ensureTensorFile(_ file: String, room: Int = 0) throws(Fault) { _ = try tensorFile(file, room: room) }

    private func tensorFile(_ file: String, room: Int = 0) throws(Fault) -> TensorFileWriter {
        if let open = tensors.first(where: { $0.name == file }) { return open.writer }
        let writer = try TensorFileWriter("\(folder)/\(file)", names: incoming, room: room)
        tensors.append((file, writer))
        return writer
    }

    /// Adds a raw object to the seal that fetch has put into ``folder`` under a relative name.
    public func adopt(_ object: SealedFile) { objects.append(object) }

    /// Adds a small additional file to the part.
    public func adopt(_ name: String, content: [UInt8]) throws(Fault) {
        try AtomicFile.writeUnpublished(content, to: "\(folder)/\(name)")
        objects.append(SealedFile(name: name, bytes: content.count, sha256: Digest(of: content)))
    }

    /// Finishes the part: every item is settled, every byte written. Any thread may then seal it.
    public func finish() throws(Fault) -> FinishedPart {
        guard settled == incoming.count else {
            throw Fault(.defect, "\(incoming.count) items came in, but only \(settled) were settled in '\(final)'")
        }
        var written = [try ledger.complete()]
        if let rejects = try rejects?.complete() { written.append(rejects) }
        for tensor in tensors { written.append((try tensor.writer.complete(), nil)) }
        return FinishedPart(
            folder: folder, final: final, version: version, itemsIn: incoming.count, items: items, split: split,
            rejectedByReason: rejected.sorted { $0.key.precedesByBytes($1.key) }.map { ($0.key, $0.value) },
            written: written, objects: objects, memoryCuts: memoryCuts)
    }

    /// Seals and publishes the part right away.
    public func seal(tool: String, key: Digest, input: Digest, run: RunFigures) throws(Fault) -> PartSeal {
        try finish().seal(tool: tool, key: key, input: input, run: run)
    }

    /// Links a sealed part of another version of the stage into this version, with hard links.
    public static func link(from part: PartReader, into version: String, as name: String) throws(Fault) {
        let folder = "\(version)/.tmp-\(name)"
        try Folders.remove(folder)
        try Folders.make(folder)
        var made: Set<String> = []
        // Carry over a release: it is the same part, and readers that need the bytes learn where they went.
        let released = try part.released()
        if released != nil {
            let record = ReleasedObjects.fileName
            try Folders.linkOrCopy("\(part.folder)/\(record)", to: "\(folder)/\(record)")
        }
        for file in part.seal.files where released?.covers(file.name) != true {
            let parent = Folders.parent(of: "\(folder)/\(file.name)")
            if made.insert(parent).inserted { try Folders.makeAll(parent) }
            try Folders.linkOrCopy("\(part.folder)/\(file.name)", to: "\(folder)/\(file.name)")
        }
        try Folders.linkOrCopy("\(part.folder)/\(PartFolder.sealName)", to: "\(folder)/\(PartFolder.sealName)")
        for parent in made.sorted() where parent != folder { try Folders.sync(parent) }
        try Folders.sync(folder)
        try Folders.rename(folder, to: "\(version)/\(name)")
        try Folders.sync(version)
    }
}

/// A JSON Lines file being written, with a running digest.
private struct LineFile: ~Copyable {
    private let file: WrittenFile
    private var pending: [UInt8] = []
    private var hash = SHA256()

    init(_ path: String) throws(Fault) {
        file = try WrittenFile(path)
    }

    mutating func append(_ object: JSONObject) throws(Fault) {
        object.write(.line, to: &pending)
        pending.append(UInt8(ascii: "\n"))
        if pending.count >= 1 << 18 { try flush() }
    }

    private mutating func flush() throws(Fault) {
        pending.withUnsafeBytes { hash.update($0) }
        try pending.withUnsafeBytesTyped { (raw) throws(Fault) in try file.handle.write(raw) }
        pending.removeAll(keepingCapacity: true)
    }

    /// Writes what is pending. Nothing may follow.
    mutating func complete() throws(Fault) -> (file: WrittenFile, sha256: Digest?) {
        try flush()
        var done = SHA256()
        swap(&done, &hash)
        return (file, done.finish())
    }
}
