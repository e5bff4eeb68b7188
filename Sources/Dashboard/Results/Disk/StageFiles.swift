internal import BatchFormat
internal import Durable
internal import Fault
internal import Glibc
internal import JSON

/// A version of a stage, as files.
struct StageFiles {
    private let root: String
    private let pipeline: String
    private let batch: String
    private let stage: String
    private let version: String?

    /// - Parameter version: `v3`; `nil` for the accepted one or, for what that does not have, the one held back.
    init(root: String, pipeline: String, batch: String, stage: String, version: String? = nil) {
        self.root = root
        self.pipeline = pipeline
        self.batch = batch
        self.stage = stage
        self.version = version
    }

    /// An item's line, and the part that contains it.
    struct Found {
        let version: VersionReader
        let part: PartReader
        let row: LedgerRow
    }

    /// Finds an item; `nil` if the stage has no version, or no such item.
    ///
    /// There is no index from items to parts. So parts are searched without checking their digests or parsing their
    /// lines, which would take much longer; a match is then read again from a checked part.
    func find(_ item: String, within allowance: Allowance) throws(Fault) -> Found? {
        let folder: StageFolder
        do throws(Fault) {
            folder = try BatchAddress(root: root, pipeline: pipeline, batch: batch).stage(stage)
        } catch {
            throw Fault(.usage, error.message)
        }
        let numbers = version.map { [StageFolder.number($0)] } ?? [folder.current(), folder.held()]
        for number in numbers.compactMap({ $0 }) where folder.isSealed(number) {
            if let found = try find(item, in: VersionReader(folder.version(number)), within: allowance) { return found }
        }
        return nil
    }

    private func find(
        _ item: String, in version: VersionReader, within allowance: Allowance
    ) throws(Fault) -> Found? {
        // Every writer puts the id first, in the ledger's layout.
        var needle = Array(#"{"id": "#.utf8)
        JSON.string(item).write(.line, to: &needle)
        for index in version.seal.parts.indices {
            try allowance.check()
            let path = "\(version.path)/\(version.seal.parts[index].name)/\(PartFolder.itemsName)"
            guard let map = try? MappedFile(path), map.holdsLine(beginning: needle) else { continue }
            let part = try version.part(index)
            if let row = try Self.row(beginning: needle, in: part) {
                return Found(version: version, part: part, row: row)
            }
        }
        return nil
    }

    private static func row(beginning needle: [UInt8], in part: PartReader) throws(Fault) -> LedgerRow? {
        var row: LedgerRow?
        try part.forEachLine { (line, number) throws(Fault) in
            guard row == nil, line.starts(with: needle) else { return }
            do throws(JSONSyntaxError) {
                row = try JSON(parsing: line).object.flatMap { LedgerRow($0) }
            } catch {
                throw part.damage(inLine: number, error)
            }
        }
        return row
    }

    /// The stages of a batch, by the names of their folders.
    static func names(root: String, pipeline: String, batch: String) throws(Fault) -> [String] {
        guard Folders.isFolder(root) else { throw Fault(.unavailable, "there is no root '\(root)'") }
        return try BatchAddress.all(root: root, pipeline: pipeline, batch: batch).first?.stages().map(\.stage) ?? []
    }
}

extension MappedFile {
    /// Whether one of its lines starts with some bytes.
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
