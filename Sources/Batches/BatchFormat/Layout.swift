internal import Durable
public import Fault
internal import Time

/// The fixed names inside a version.
public enum VersionFolder {
    /// The version's seal, written last.
    public static let sealName = "batch.json"
    /// The version's manifest, written first.
    public static let manifestName = "run.json"
    /// The run's structured log, outside every digest.
    public static let eventsName = "events.jsonl"

    /// The name of part `index`.
    public static func partName(_ index: Int) -> String { "part-\(index.padded(to: 5))" }

    /// The index in `part-00012`; `nil` for anything else.
    public static func partIndex(_ name: String) -> Int? {
        guard name.hasPrefix("part-"), let index = Int(name.dropFirst(5)), index >= 0, partName(index) == name else {
            return nil
        }
        return index
    }

    /// The names of the sealed parts in a version's folder, in the order of their numbers (which differs from byte
    /// order from 100000 on).
    public static func sealedParts(in version: String) throws(Fault) -> [String] {
        try Folders.names(in: version).compactMap(partIndex).sorted().map(partName).filter {
            Folders.exists("\(version)/\($0)/\(PartFolder.sealName)")
        }
    }

    /// Removes the temporary files of a run that died.
    public static func removeTemporaries(in version: String) throws(Fault) {
        for name in try Folders.names(in: version) where name.hasPrefix(".tmp-") {
            try Folders.remove("\(version)/\(name)")
        }
    }
}

/// The fixed names inside a part.
public enum PartFolder {
    /// The part's seal, written last.
    public static let sealName = "part.json"
    /// The ledger.
    public static let itemsName = "items.jsonl"
    /// The rejected items.
    public static let rejectsName = "rejects.jsonl"
    /// The raw bytes, in parts of fetch.
    public static let objectsName = "objects"
}
