public import Digests
internal import Durable
public import Fault
package import JSON

/// Why raw objects were released.
public enum ReleaseReason: String, Sendable {
    /// They were older than the retention of raw objects.
    case expired
    /// Every stage that reads them had sealed its results.
    case consumed
}

/// `released.json`: the raw objects that were removed from a sealed part on purpose.
///
/// The file is beside the part's seal, which stays unchanged: ledger lines, digests and keys are untouched, so that
/// everything made from the part still follows from it. A reader that needs the bytes ends with 66.
public struct ReleasedObjects: Sendable {
    /// The file's name.
    public static let fileName = "released.json"
    /// The digest of the seal of the part that lists the objects.
    public let part: Digest
    /// The removed objects, as listed in the part's seal.
    public let objects: [SealedFile]
    /// Why they were released.
    public let reason: ReleaseReason
    /// The reason in words: `older than 30 days`.
    public let message: String
    /// When, as RFC 3339 in UTC; `?` if not recorded.
    public var releasedAt: String { sealed.object["run"]?["released_at"]?.string ?? "?" }
    /// The record as a file.
    public let sealed: SealedJSON

    /// What a release of all raw objects of a part leaves on record.
    package init(of part: PartSeal, reason: ReleaseReason, message: String, run: JSONObject) {
        self.part = part.digest
        self.reason = reason
        self.message = message
        objects = part.rawObjects
        sealed = SealedJSON(
            [
                "format": .int(Int64(BatchFormat.number)), "kind": "released", "part": .string(part.digest.hex),
                "reason": .string(reason.rawValue), "message": .string(message),
                "objects": .array(objects.map(\.json)),
            ], run: run)
    }

    /// Reads and checks a record: it must belong to this part and name only its raw objects.
    init(reading path: String, of seal: PartSeal) throws(Fault) {
        sealed = try SealedJSON.read(path)
        let object = sealed.object
        guard object["kind"]?.string == "released" else { throw Fault(.damaged, "'\(path)' is not a release record") }
        part = try object.required("part", path) { $0.string.flatMap(Digest.init(hex:)) }
        reason = try object.required("reason", path) { $0.string.flatMap(ReleaseReason.init(rawValue:)) }
        message = try object.required("message", path, \.string)
        var objects: [SealedFile] = []
        for json in try object.required("objects", path, \.array) { objects.append(try SealedFile(json, path: path)) }
        self.objects = objects
        let known = seal.rawObjects
        guard part == seal.digest, objects.allSatisfy(known.contains) else {
            throw Fault(.damaged, "'\(path)' is the release record of another part")
        }
    }

    /// Whether the object with this name was released.
    public func covers(_ name: String) -> Bool { objects.contains { $0.name.hasSameBytes(as: name) } }
}

extension PartSeal {
    /// The raw objects among the part's files; only parts of fetch have any.
    public var rawObjects: [SealedFile] {
        let folder = PartFolder.objectsName + "/"
        return files.filter { $0.name.utf8.starts(with: folder.utf8) }
    }
}

extension PartReader {
    /// What was released from the part, as currently recorded on disk; `nil` if nothing was.
    public func released() throws(Fault) -> ReleasedObjects? {
        let path = "\(folder)/\(ReleasedObjects.fileName)"
        guard Folders.exists(path) else { return nil }
        return try ReleasedObjects(reading: path, of: seal)
    }

    /// The fault for a reader that needs a missing file; `nil` if it was not released.
    func absence(of file: String) throws(Fault) -> Fault? {
        guard let released = try released(), released.covers(file) else { return nil }
        return Fault(
            .missing,
            "the raw object '\(folder)/\(file)' was released at \(released.releasedAt) (\(released.message)); "
                + "'fetch … --force' fetches it again, if the source still has it")
    }
}
