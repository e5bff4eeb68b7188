internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON

/// Where the sealed parts of a stage are, by the digests of their seals: a part shared by several versions has several
/// places, and its raw objects use disk space until they are released in all of them.
struct PartPlaces {
    /// A part in one of its versions.
    struct Place {
        let version: String
        let name: String

        /// Whether it has raw objects.
        var holdsObjects: Bool {
            let folder = "\(version)/\(name)/\(PartFolder.objectsName)"
            return Folders.isFolder(folder) && (try? Folders.names(in: folder))?.isEmpty != true
        }

        /// Releases the raw objects. The caller holds the lock of the stage.
        ///
        /// - Parameter record: when and by what.
        func release(to readers: [String], record: JSONObject) throws(Fault) {
            try PartReader(version: version, name: name, digest: nil).release(
                .consumed, message: "consumed by \(readers.joined(separator: ", "))", run: record)
        }
    }

    private(set) var places: [Digest: [Place]] = [:]

    /// Reads all versions of a stage. Damaged ones are skipped, since finding damage is up to verify.
    ///
    /// - Parameter leftOut: a version to skip.
    init(_ folder: StageFolder, except leftOut: String? = nil) throws(Fault) {
        for number in try folder.versions() where folder.version(number) != leftOut {
            let version = folder.version(number)
            if folder.isSealed(number) {
                for part in try folder.readable(number)?.seal.parts ?? [] {
                    places[part.digest, default: []].append(Place(version: version, name: part.name))
                }
                continue
            }
            for name in try VersionFolder.sealedParts(in: version) {
                guard let part = try? PartReader(version: version, name: name, digest: nil) else { continue }
                places[part.seal.digest, default: []].append(Place(version: version, name: name))
            }
        }
    }
}
