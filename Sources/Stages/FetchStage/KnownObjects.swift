internal import BatchFormat
internal import Digests
internal import Fault
internal import JSON
internal import ObjectSources

/// The objects that earlier versions of the stage have, so that only new or changed ones are transferred.
struct KnownObjects {
    struct Object {
        let path: String
        let fetch: JSONObject
    }

    /// The digests of the objects in the parts that will be reused unchanged, with their items: a new object with the
    /// same bytes is a duplicate.
    private(set) var keptDigests: [String: ItemID] = [:]
    private var objects: [ItemID: [(version: String, object: Object)]] = [:]
    private var sealedKeys: Set<Digest> = []

    /// Knows no objects, so that everything is transferred again.
    init() {}

    /// Reads all versions, once; a part that cannot be read counts as empty.
    ///
    /// - Parameter planned: the keys of the parts that the run will make or reuse.
    init(_ folder: StageFolder, planned: [Digest]) throws(Fault) {
        let planned = Set(planned)
        for number in try folder.versions() {
            let version = folder.version(number)
            for name in try VersionFolder.sealedParts(in: version) {
                do throws(Fault) {
                    try add(PartReader(version: version, name: name, digest: nil), planned)
                } catch {
                    guard error.kind == .damaged else { throw error }
                }
            }
        }
    }

    private mutating func add(_ part: PartReader, _ planned: Set<Digest>) throws(Fault) {
        sealedKeys.insert(part.seal.key)
        let rows = try part.items()
        if planned.contains(part.seal.key) {
            for row in rows {
                if let sha256 = row.fetched?.sha256 { keptDigests[sha256] = row.id }
            }
        }
        var versions: [ItemID: String] = [:]
        for record in try ListingRecord.read(part) {
            if let id = record["id"]?.string, let version = record["version"]?.string { versions[ItemID(id)] = version }
        }
        for row in rows {
            guard let version = versions[row.id], let fetched = row.fetched, let file = fetched.file
            else { continue }
            objects[row.id, default: []].append(
                (version, Object(path: "\(part.folder)/\(file)", fetch: fetched.object)))
        }
    }

    /// Whether a version has sealed a part with this key.
    func holdsPart(_ key: Digest) -> Bool { sealedKeys.contains(key) }

    /// The object of an item that is listed unchanged; `nil` if there is none, or it is damaged.
    func find(_ item: ListedItem) -> Object? {
        objects[item.id]?.last { $0.version == item.entry.version && !item.entry.version.isEmpty }?.object
    }
}
