internal import BatchFormat
internal import Durable
internal import Fault
internal import Glibc
internal import JSON

/// The version of a stage that is shown, as files.
struct StageFiles {
    private let root: String
    private let pipeline: String
    private let batch: String
    private let stage: String

    init(root: String, pipeline: String, batch: String, stage: String) {
        self.root = root
        self.pipeline = pipeline
        self.batch = batch
        self.stage = stage
    }

    /// An item's line, and the part that holds it.
    struct Found {
        let version: VersionReader
        let part: PartReader
        let row: LedgerRow
    }

    /// Looks an item up; `nil` if the stage has no version, or no such item.
    ///
    /// Parts are looked through without checking their digests, which takes much longer; what is found is then read again
    /// from a part that is checked.
    func find(_ item: String) throws(Fault) -> Found? {
        let folder: StageFolder
        do throws(Fault) {
            folder = try StageFolder(root: root, pipeline: pipeline, batch: batch, stage: stage)
        } catch {
            throw Fault(.usage, error.message)
        }
        guard let number = folder.shown(), folder.isSealed(number) else { return nil }
        let version = try VersionReader(folder.version(number))
        // Every writer puts the id first, in the ledger's layout.
        var needle = Array(#"{"id": "#.utf8)
        JSON.string(item).write(.line, to: &needle)
        for index in version.seal.parts.indices {
            let path = "\(version.path)/\(version.seal.parts[index].name)/\(PartFolder.itemsName)"
            guard let map = try? MappedFile(path), map.holdsLine(beginning: needle) else { continue }
            let part = try version.part(index)
            if let row = try part.items().first(where: { $0.id == ItemID(item) }) {
                return Found(version: version, part: part, row: row)
            }
        }
        return nil
    }

    /// The stages of a batch, as their folders' names say.
    static func names(root: String, pipeline: String, batch: String) throws(Fault) -> [String] {
        guard Folders.isFolder(root) else { throw Fault(.unavailable, "there is no root '\(root)'") }
        return try StageFolder.all(root: root, pipeline: pipeline, batch: batch).map(\.stage)
    }
}

extension MappedFile {
    /// Whether one of its lines begins with some bytes.
    fileprivate func holdsLine(beginning bytes: [UInt8]) -> Bool {
        let text = self.bytes
        guard let base = text.baseAddress else { return false }
        var start = 0
        while text.count - start >= bytes.count {
            if memcmp(base + start, bytes, bytes.count) == 0 { return true }
            guard let end = memchr(base + start, Int32(UInt8(ascii: "\n")), text.count - start) else { return false }
            start = UnsafeRawPointer(end) - base + 1
        }
        return false
    }
}
