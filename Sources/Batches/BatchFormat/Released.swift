public import Digests
internal import Durable
public import Fault
public import JSON

/// Why raw objects were released.
public enum ReleaseReason: String, Sendable {
    /// They were older than raw objects are kept.
    case expired
    /// Every stage that reads them had sealed what it made of them.
    case consumed
}

/// `released.json`: the raw objects that a sealed part no longer holds, because they were removed on purpose.
///
/// It stands in the part's folder, beside the part's seal, which stays as it is: ledger lines, digests and keys are
/// untouched, so that everything made from the part still follows from it. A reader that needs the bytes ends with 66.
public struct ReleasedObjects: Sendable {
    /// The file's name.
    public static let fileName = "released.json"
    /// The digest of the part's seal that lists the objects.
    public let part: Digest
    /// The objects that are gone, as the part's seal vouched for them.
    public let objects: [SealedFile]
    /// Why they were released.
    public let reason: ReleaseReason
    /// The same for a person: `older than 30 days`.
    public let message: String
    /// When, as RFC 3339 in UTC; `?` if the file does not say.
    public var releasedAt: String { sealed.object["run"]?["released_at"]?.string ?? "?" }
    /// The record as a file.
    public let sealed: SealedJSON

    init(of part: PartSeal, reason: ReleaseReason, message: String, run: JSONObject) {
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

    /// Reads and checks a record: it must be that of this part, and name nothing but its raw objects.
    init(reading path: String, of seal: PartSeal) throws(Fault) {
        sealed = try SealedJSON.read(path)
        let object = sealed.object
        guard object["kind"]?.string == "released" else { throw Fault(.damaged, "'\(path)' is no record of a release") }
        part = try object.required("part", path) { $0.string.flatMap(Digest.init(hex:)) }
        reason = try object.required("reason", path) { $0.string.flatMap(ReleaseReason.init(rawValue:)) }
        message = try object.required("message", path, \.string)
        var objects: [SealedFile] = []
        for json in try object.required("objects", path, \.array) { objects.append(try SealedFile(json, path: path)) }
        self.objects = objects
        let known = seal.rawObjects
        guard part == seal.digest, objects.allSatisfy(known.contains) else {
            throw Fault(.damaged, "'\(path)' is the record of another part's release")
        }
    }

    /// Whether an object of this name was released.
    public func covers(_ name: String) -> Bool { objects.contains { $0.name.hasSameBytes(as: name) } }
}

extension PartSeal {
    /// The raw objects among the part's files; only fetch's parts have any.
    public var rawObjects: [SealedFile] {
        let folder = PartFolder.objectsName + "/"
        return files.filter { $0.name.utf8.starts(with: folder.utf8) }
    }
}

extension PartReader {
    /// What was released from the part, as the disk says now; `nil` if nothing was.
    public func released() throws(Fault) -> ReleasedObjects? {
        let path = "\(folder)/\(ReleasedObjects.fileName)"
        guard Folders.exists(path) else { return nil }
        return try ReleasedObjects(reading: path, of: seal)
    }

    /// Removes the part's raw objects and leaves a record that they were released; does the rest of it where an earlier
    /// call was cut short. Whoever calls it holds the lock of the stage.
    ///
    /// The record is on the disk before the first object goes: at no instant is there a part that lacks objects without
    /// saying why. Hard links of the same objects in other versions stay; each version's part is released by itself.
    ///
    /// - Parameters:
    ///   - message: the reason for a person, as it stands in errors: `older than 30 days`.
    ///   - run: when and by whom: `released_at`, `host`, `tool_version`.
    public func release(_ reason: ReleaseReason, message: String, run: JSONObject) throws(Fault) {
        let record: ReleasedObjects
        if let earlier = try released() {
            record = earlier
        } else {
            record = ReleasedObjects(of: seal, reason: reason, message: message, run: run)
            guard !record.objects.isEmpty else { return }
            let version = Folders.parent(of: folder)
            // Unfinished, it lies outside the sealed version, where it would be something that no seal lists.
            let temporary =
                "\(Folders.parent(of: version))/.tmp-\(Folders.name(of: version))-\(name)-\(ReleasedObjects.fileName)"
            try AtomicFile.writeUnpublished(record.sealed.bytes(), to: temporary)
            try Folders.rename(temporary, to: "\(folder)/\(ReleasedObjects.fileName)")
            try Folders.sync(folder)
        }
        // Not waited for: an object that a power cut brings back is covered by the record, and goes with the next call.
        for object in record.objects { try Folders.remove("\(folder)/\(object.name)") }
    }

    /// What to say to a reader that needs a file which is not there; `nil` if it was not released.
    func absence(of file: String) throws(Fault) -> Fault? {
        guard let released = try released(), released.covers(file) else { return nil }
        return Fault(
            .missing,
            "the raw object '\(folder)/\(file)' was released at \(released.releasedAt) (\(released.message)); "
                + "'fetch … --force' brings it again, if the source still has it")
    }
}
