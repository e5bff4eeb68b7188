internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import Processes
internal import Time

/// Where the sealed parts of a stage lie, by the digests of their seals: versions that share a part have it in several places,
/// and its raw objects take up the disk until they are released in all of them.
struct PartPlaces {
    /// A part in one of its versions.
    struct Place {
        let version: String
        let name: String

        /// Whether raw objects are there.
        var holdsObjects: Bool {
            let folder = "\(version)/\(name)/\(PartFolder.objectsName)"
            return Folders.isFolder(folder) && (try? Folders.names(in: folder))?.isEmpty != true
        }

        /// Releases the raw objects. The caller holds the lock of the stage.
        func release(to readers: [String], toolVersion: String) throws(Fault) {
            try PartReader(version: version, name: name, digest: nil).release(
                .consumed, message: "consumed by \(readers.joined(separator: ", "))",
                run: [
                    "released_at": .string(WallClock.text(WallClock.now())), "host": .string(Machine.name()),
                    "tool_version": .string(toolVersion),
                ])
        }
    }

    private(set) var places: [Digest: [Place]] = [:]

    /// Looks through all versions of a stage. What is damaged is verify's matter, and stays as it is.
    ///
    /// - Parameter leftOut: a version that is not looked at.
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
