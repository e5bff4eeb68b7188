public import BatchFormat
internal import Durable
public import Fault
public import JSON

extension PartReader {
    /// Removes the part's raw objects and records that they were released; completes an earlier call that was
    /// interrupted. The caller holds the stage's lock.
    ///
    /// The record is on disk before the first object is removed: the part never lacks objects without a reason. Hard
    /// links of the same objects in other versions stay; each version's part is released separately.
    ///
    /// - Parameters:
    ///   - message: the reason in words, as it appears in errors: `older than 30 days`.
    ///   - run: when and by what: `released_at`, `host`, `tool_version`.
    public func release(_ reason: ReleaseReason, message: String, run: JSONObject) throws(Fault) {
        let record: ReleasedObjects
        if let earlier = try released() {
            record = earlier
        } else {
            record = ReleasedObjects(of: seal, reason: reason, message: message, run: run)
            guard !record.objects.isEmpty else { return }
            let version = Folders.parent(of: folder)
            // Unfinished, it must be outside the sealed version, where it would be an unlisted file.
            let temporary =
                "\(Folders.parent(of: version))/.tmp-\(Folders.name(of: version))-\(name)-\(ReleasedObjects.fileName)"
            try AtomicFile.writeUnpublished(record.sealed.bytes(), to: temporary)
            try Folders.rename(temporary, to: "\(folder)/\(ReleasedObjects.fileName)")
            try Folders.sync(folder)
        }
        // Not flushed: the record covers an object that a power cut restores, and the next call removes it.
        for object in record.objects { try Folders.remove("\(folder)/\(object.name)") }
    }
}
