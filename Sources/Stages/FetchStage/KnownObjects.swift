internal import BatchFormat
internal import Digests
internal import Fault
internal import JSON
internal import ObjectStore

/// What earlier versions of the stage hold already, so that only what is new or changed is transferred.
struct KnownObjects {
    struct Object {
        let path: String
        let fetch: JSONObject
    }

    /// The digests of the bytes in those parts that will be taken over as they are, with the item that holds them: what
    /// comes anew and repeats one of them is the duplicate.
    private(set) var keptDigests: [String: ItemID] = [:]
    private var objects: [ItemID: [(version: String, object: Object)]] = [:]
    private var sealedKeys: Set<Digest> = []

    /// Knows nothing, so that everything is transferred anew.
    init() {}

    /// Looks through all versions, once; a part that cannot be read holds nothing worth having.
    ///
    /// - Parameter planned: the keys of the parts that the run is to make or to take over.
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
                if let sha256 = row.object["fetch"]?["sha256"]?.string { keptDigests[sha256] = row.id }
            }
        }
        var versions: [ItemID: String] = [:]
        for record in try ListingRecord.read(part) {
            if let id = record["id"]?.string, let version = record["version"]?.string { versions[ItemID(id)] = version }
        }
        for row in rows {
            guard let version = versions[row.id], let fetch = row.object["fetch"]?.object,
                let name = fetch["object"]?.string
            else { continue }
            objects[row.id, default: []].append((version, Object(path: "\(part.folder)/\(name)", fetch: fetch)))
        }
    }

    /// Whether some version has sealed a part under this key.
    func holdsPart(_ key: Digest) -> Bool { sealedKeys.contains(key) }

    /// The bytes of an item that is listed as it was when they came; `nil` if there are none, or they are damaged.
    func find(_ item: ListedItem) -> Object? {
        objects[item.id]?.last { $0.version == item.entry.version && !item.entry.version.isEmpty }?.object
    }
}
