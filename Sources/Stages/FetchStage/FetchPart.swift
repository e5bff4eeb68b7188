internal import BatchFormat
internal import Digests
internal import Downloads
internal import Durable
internal import Fault
internal import JSON
internal import ObjectSources
internal import PipelineConfig
internal import StageRun

/// A part being made: which of its items have arrived, and which have not.
final class FetchPart {
    /// The transfers needed for the part.
    let requests: [DownloadRequest]
    let writer: PartWriter
    private let slice: [ListedItem]
    private let options: FetchOptions
    private let context: RunContext
    /// The position of each request's item in the slice.
    private let positions: [Int]
    private var arrivals: [Arrival?]
    private var missing: Int

    private enum Arrival {
        case object(fetch: JSONObject)
        case rejected(reason: String, message: String)
        /// Rejected for a reason that passes without a change to the object: the next run tries again.
        case unavailable(reason: String, message: String)
    }

    /// Whether every requested object has arrived.
    var isComplete: Bool { missing == 0 }
    /// Whether an object has arrived, or is reused.
    private(set) var hasObjects = false
    /// What a source said of the first object that these credentials may not read.
    private(set) var forbidden: String?

    /// Starts a part with a slice of the listing: reuses objects of earlier versions, and determines which others are
    /// needed.
    init(
        _ slice: [ListedItem], _ writer: PartWriter, known: KnownObjects, options: FetchOptions, context: RunContext
    ) throws(Fault) {
        let objects = "\(writer.folder)/\(PartFolder.objectsName)"
        try Folders.make(objects)
        var arrivals: [Arrival?] = Array(repeating: nil, count: slice.count)
        var requests: [DownloadRequest] = []
        var positions: [Int] = []
        for (position, item) in slice.enumerated() {
            let name = objectFileName(for: item.id.text)
            if let problem = item.entry.problem {
                arrivals[position] = .rejected(reason: "bad_key", message: problem.description)
            } else if let problem = item.metadataProblem {
                arrivals[position] = .rejected(reason: "bad_metadata", message: "metadata \(problem)")
            } else if let size = item.entry.size, size > options.keys.maxObjectBytes {
                arrivals[position] = Self.tooLarge(size, options)
            } else if let object = known.find(item), Self.isWhole(object) {
                try Folders.linkOrCopy(object.path, to: "\(objects)/\(name)")
                var fetch = object.fetch
                fetch["object"] = .string("\(PartFolder.objectsName)/\(name)")
                arrivals[position] = .object(fetch: fetch)
                context.advance()
            } else {
                requests.append(DownloadRequest(entry: item.entry, path: "\(objects)/\(name)"))
                positions.append(position)
            }
        }
        for case .object? in arrivals { hasObjects = true }
        self.slice = slice
        self.writer = writer
        self.options = options
        self.context = context
        self.arrivals = arrivals
        self.requests = requests
        self.positions = positions
        missing = requests.count
    }

    private static func tooLarge(_ bytes: Int64, _ options: FetchOptions) -> Arrival {
        .rejected(
            reason: "too_large", message: "\(bytes) bytes, more than max_object_bytes = \(options.keys.maxObjectBytes)")
    }

    private static func isWhole(_ object: KnownObjects.Object) -> Bool {
        guard let map = try? MappedFile(object.path), let sha256 = object.fetch["sha256"]?.string else { return false }
        return Digest(ofBytes: map.bytes).hex == sha256
    }

    /// Records the outcome of one of ``requests``.
    func note(_ index: Int, _ outcome: DownloadOutcome) throws(Fault) {
        let position = positions[index]
        context.advance()
        missing -= 1
        switch outcome {
        case .vanished(let message):
            arrivals[position] = .unavailable(reason: "vanished", message: message)
        case .withheld(let reason, let message):
            arrivals[position] = .unavailable(reason: reason, message: message)
            if reason == "forbidden" { forbidden = forbidden ?? message }
        case .fetched(let object) where object.bytes > options.keys.maxObjectBytes:
            // An index need not state the size of its objects.
            hasObjects = true
            try Folders.remove(requests[index].path)
            arrivals[position] = Self.tooLarge(object.bytes, options)
        case .fetched(let object):
            hasObjects = true
            let name = Folders.name(of: requests[index].path)
            var fetch: JSONObject = [
                "sha256": .string(object.sha256), "bytes": .int(object.bytes),
                "object": .string("\(PartFolder.objectsName)/\(name)"),
            ]
            if let etag = object.etag { fetch["etag"] = .string(etag) }
            if let lastModified = object.lastModified { fetch["last_modified"] = .string(lastModified) }
            fetch["verified"] = .array(object.verifiedBy.map { .string($0) })
            arrivals[position] = .object(fetch: fetch)
            if object.changedSinceListing {
                context.events.record(ObjectChanged(slice[position].id))
            }
        }
    }

    /// Writes the part's lines once it is complete.
    ///
    /// - Parameter digests: the digests of all objects in the version so far, with their items; those of this part are
    ///   added.
    func settle(_ digests: inout [String: ItemID]) throws(Fault) {
        var records: [UInt8] = []
        var kept = 0
        func reject(_ id: ItemID, _ reason: String, _ message: String, duplicateOf: ItemID? = nil) throws(Fault) {
            try writer.reject(id, reason: reason, message: message, duplicateOf: duplicateOf)
            context.noteRejected(id, reason: reason, message: message)
        }
        for (item, arrival) in zip(slice, arrivals) {
            var record = item.record
            switch arrival {
            case .rejected(let reason, let message): try reject(item.id, reason, message)
            case .unavailable(let reason, let message):
                record = item.recordIfUnavailable
                try reject(item.id, reason, message)
            case .object(let fetch):
                let fetched = FetchRecord(fetch)
                guard let sha256 = fetched.sha256, let name = fetched.file, let digest = Digest(hex: sha256),
                    let bytes = fetched.bytes
                else { throw Fault(.defect, "the object of '\(item.id)' came without its figures") }
                // A part that is made again because of damage finds its own items here; they are not duplicates.
                if let original = digests[sha256], original != item.id {
                    try Folders.remove("\(writer.folder)/\(name)")
                    try reject(item.id, "duplicate", "the same bytes as '\(original)'", duplicateOf: original)
                } else {
                    digests[sha256] = item.id
                    kept += 1
                    writer.adopt(SealedFile(name: name, bytes: bytes, sha256: digest))
                    var row = LedgerRow(id: item.id)
                    row.fetched = fetched
                    row.object[LedgerKeys.fields] = .object(options.fields(of: item))
                    try writer.append(row)
                }
            case nil: throw Fault(.defect, "the download of '\(item.id)' ended without an outcome")
            }
            record.write(.line, to: &records)
            records.append(UInt8(ascii: "\n"))
        }
        // No seal would list an empty folder.
        if kept == 0 { try Folders.remove("\(writer.folder)/\(PartFolder.objectsName)") }
        try writer.adopt(ListingRecord.fileName, content: records)
    }
}
