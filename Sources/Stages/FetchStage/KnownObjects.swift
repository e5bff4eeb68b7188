internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON
internal import ObjectStore

/// The objects that earlier versions of the stage hold already, so that only what is new or changed is transferred.
struct KnownObjects {
    struct Object {
        let path: String
        let fetch: JSONObject
    }

    private var objects: [ItemID: [(version: String, object: Object)]] = [:]

    /// Knows nothing, so that everything is transferred anew.
    init() {}

    /// Looks through all versions; a part that cannot be read holds nothing worth having.
    init(_ folder: StageFolder) throws(Fault) {
        for number in try folder.versions() {
            let version = folder.version(number)
            for name in try VersionFolder.sealedParts(in: version) {
                do throws(Fault) { try add(PartReader(version: version, name: name, digest: nil)) } catch {
                    guard error.kind == .damaged else { throw error }
                }
            }
        }
    }

    private mutating func add(_ part: PartReader) throws(Fault) {
        var versions: [ItemID: String] = [:]
        for record in try ListingRecord.read(part) {
            if let id = record["id"]?.string, let version = record["version"]?.string { versions[ItemID(id)] = version }
        }
        for row in try part.items() {
            guard let version = versions[row.id], let fetch = row.object["fetch"]?.object,
                let name = fetch["object"]?.string
            else { continue }
            objects[row.id, default: []].append((version, Object(path: "\(part.folder)/\(name)", fetch: fetch)))
        }
    }

    /// The bytes of an item that is listed as it was when they came; `nil` if there are none, or they are damaged.
    func find(_ item: ListedItem) -> Object? {
        objects[item.id]?.last { $0.version == item.entry.version && !item.entry.version.isEmpty }?.object
    }
}
