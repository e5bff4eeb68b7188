public import BatchFormat
internal import Digests
internal import Durable
public import Fault
internal import JSON

/// Whether the content of a version's files makes sense. Digests cannot show this, because a tool that writes nonsense
/// seals it as well.
public struct ContentCheck {
    private let version: VersionReader
    private let inputs: [VersionReader]
    private var seen: Set<ItemID> = []
    private var damages: [Damage] = []

    private init(_ version: VersionReader) {
        self.version = version
        inputs = version.seal.inputs.compactMap { reference in
            LineageCheck.input(reference, of: version).flatMap { $0.seal.digest == reference.digest ? $0 : nil }
        }
    }

    /// Checks a version whose digests are right.
    ///
    /// For every part: each incoming item is in `items.jsonl` or in `rejects.jsonl`, once and in order, and nothing
    /// else is; what earlier stages wrote on an item's line is unchanged; rejections by reason match the seal; every
    /// item has its tensor, of the shape on its line, without infinities and NaN; raw objects are those that the ledger
    /// names. Every id appears once in the version.
    ///
    /// - Throws: what prevents reading the files, except damage.
    public static func damages(of version: VersionReader) throws(Fault) -> [Damage] {
        var check = ContentCheck(version)
        for index in version.seal.parts.indices {
            do throws(Fault) {
                try check.check(index)
            } catch {
                guard error.kind == .damaged else { throw error }
                check.note(version.seal.parts[index].name, error.message)
            }
        }
        return check.damages
    }

    private mutating func note(_ part: String, _ message: String) {
        damages.append(Damage(path: "\(version.path)/\(part)", message: message))
    }

    private mutating func check(_ index: Int) throws(Fault) {
        let part = try version.part(index)
        let (rows, rejects) = (try part.items(), try part.rejects())
        for id in rows.map(\.id) + rejects.map(\.id) where !seen.insert(id).inserted {
            note(part.name, "the item '\(id)' appears more than once in '\(version.path)'")
        }
        var counts: [String: Int] = [:]
        for reject in rejects { counts[reject.reason, default: 0] += 1 }
        if counts != Dictionary(part.seal.rejectedByReason.map { ($0.reason, $0.count) }, uniquingKeysWith: +) {
            note(part.name, "'\(part.folder)' has reasons for rejection that differ from its seal")
        }
        if let incoming = try incoming(part, index) { checkSettled(incoming.map(\.id), rows, rejects, part) }
        if let before = try upstream(index) { checkCarried(try before.items(), rows, part) }
        for file in part.seal.files where TensorNames.isTensorFile(file.name) {
            for message in try TensorCheck.messages(of: part, file: file.name, rows, stage: version.seal.identity) {
                note(part.name, message)
            }
        }
        if version.seal.identity.tool == "fetch" { checkObjects(rows, part) }
    }

    private func upstream(_ index: Int) throws(Fault) -> PartReader? {
        guard inputs.count == 1, let input = inputs.first, input.seal.parts.indices.contains(index) else { return nil }
        return try input.part(index)
    }

    /// The lines that came into a part, if they are still known.
    private func incoming(_ part: PartReader, _ index: Int) throws(Fault) -> [LedgerRow]? {
        if let before = try upstream(index) { return try before.items() }
        guard part.has("listing.jsonl") else { return nil }
        return try part.lines(of: "listing.jsonl")
    }

    private mutating func checkSettled(
        _ incoming: [ItemID], _ rows: [LedgerRow], _ rejects: [RejectRow], _ part: PartReader
    ) {
        var kept = rows.map { ($0.id, source: source(of: $0)) }[...]
        var ended = rejects.map { ($0.id, source: $0.source.map(ItemID.init)) }[...]
        for id in incoming {
            if kept.first?.0 == id {
                kept.removeFirst()
            } else if ended.first?.0 == id {
                ended.removeFirst()
            } else {
                // An item that was cut is settled by its pieces.
                let (isKept, isEnded) = (kept.first?.source == id, ended.first?.source == id)
                guard isKept || isEnded else {
                    return note(
                        part.name, "the item '\(id)' came into '\(part.folder)' but is missing or out of order there")
                }
                kept = kept.drop { $0.source == id }
                ended = ended.drop { $0.source == id }
            }
        }
        if let stranger = kept.first?.0 ?? ended.first?.0 {
            note(part.name, "the item '\(stranger)' in '\(part.folder)' never came in")
        }
    }

    private mutating func checkCarried(_ before: [LedgerRow], _ rows: [LedgerRow], _ part: PartReader) {
        let earlier = Dictionary(before.map { ($0.id, $0.object) }) { first, _ in first }
        for row in rows {
            let before = earlier[source(of: row) ?? row.id]?.members ?? []
            for (name, value) in before where name != "id" && row.object[name] != value {
                // Clean completes the fields.
                if name == "fields", version.seal.identity.tool == "clean" { continue }
                note(
                    part.name,
                    "the line of '\(row.id)' in '\(part.folder)' has a \"\(name)\" that differs from its input")
            }
        }
    }

    /// The item that this version's stage cut a piece from.
    private func source(of row: LedgerRow) -> ItemID? {
        row.object[version.seal.identity.stage]?["source"]?.string.map(ItemID.init)
    }

    private mutating func checkObjects(_ rows: [LedgerRow], _ part: PartReader) {
        var unnamed = Set(part.seal.rawObjects.map(\.name).map(ItemID.init))
        for row in rows {
            guard let fetched = row.fetched, let name = fetched.file, let file = part.seal.file(name),
                fetched.sha256 == file.sha256.hex, fetched.bytes == file.bytes
            else {
                note(part.name, "the line of '\(row.id)' in '\(part.folder)' does not describe its raw object")
                continue
            }
            unnamed.remove(ItemID(name))
        }
        for name in unnamed.sorted() { note(part.name, "no line of '\(part.folder)' names its '\(name)'") }
    }
}

extension PartReader {
    /// A file of JSON objects with an id, one per line.
    fileprivate func lines(of file: String) throws(Fault) -> [LedgerRow] {
        let map = try checked(file)
        var rows: [LedgerRow] = []
        for line in map.bytes.split(separator: UInt8(ascii: "\n")) {
            guard let object = (try? JSON(parsing: line))?.object, let row = LedgerRow(object) else {
                throw Fault(.damaged, "'\(map.path)' line \(rows.count + 1) has no item id")
            }
            rows.append(row)
        }
        return rows
    }
}
