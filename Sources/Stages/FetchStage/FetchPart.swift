internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import ObjectStore
internal import StageRun

/// Brings the objects of one part.
struct FetchPart {
    let source: any ObjectSource
    let downloader: Downloader
    let known: KnownObjects
    let options: FetchOptions
    let context: RunContext

    private enum Arrival {
        case object(fetch: JSONObject)
        case rejected(reason: String, message: String)
    }

    /// Fills a part with a slice of the listing.
    ///
    /// - Parameter digests: the digests of all bytes that the version holds so far, with the item that holds them; this
    ///   part's are added.
    func make(_ slice: [ListedItem], into writer: PartWriter, digests: inout [String: ItemID]) throws(Fault) {
        let objects = "\(writer.folder)/\(PartFolder.objectsName)"
        try Folders.make(objects)
        var arrivals: [Arrival?] = Array(repeating: nil, count: slice.count)
        var requests: [DownloadRequest] = []
        var positions: [Int] = []
        for (position, item) in slice.enumerated() {
            let name = objectFileName(for: item.id.text)
            if let problem = item.entry.problem {
                arrivals[position] = .rejected(reason: "bad_key", message: problem.description)
            } else if let size = item.entry.size, size > options.maxObjectBytes {
                arrivals[position] = tooLarge(size)
            } else if let object = known.find(item), isWhole(object) {
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
        try download(requests, positions, slice, &arrivals)
        try settle(slice, arrivals, writer, &digests)
    }

    private func tooLarge(_ bytes: Int64) -> Arrival {
        .rejected(
            reason: "too_large", message: "\(bytes) bytes, more than max_object_bytes = \(options.maxObjectBytes)")
    }

    private func isWhole(_ object: KnownObjects.Object) -> Bool {
        guard let map = try? MappedFile(object.path), let sha256 = object.fetch["sha256"]?.string else { return false }
        return Digest(ofBytes: map.bytes).hex == sha256
    }

    private func download(
        _ requests: [DownloadRequest], _ positions: [Int], _ slice: [ListedItem], _ arrivals: inout [Arrival?]
    ) throws(Fault) {
        guard !requests.isEmpty else { return }
        try downloader.fetch(requests, from: source, checkStop: { () throws(Fault) in try context.checkStop() }) {
            (index, outcome) throws(Fault) in
            let position = positions[index]
            context.advance()
            switch outcome {
            case .vanished(let message):
                arrivals[position] = .rejected(reason: "vanished", message: message)
            case .fetched(let object) where object.bytes > options.maxObjectBytes:
                // An index need not say how large its objects are.
                try Folders.remove(requests[index].path)
                arrivals[position] = tooLarge(object.bytes)
            case .fetched(let object):
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
                    context.events.record(
                        "object_changed", level: .warning, "'\(slice[position].id)' was replaced after it was listed",
                        ["id": .string(slice[position].id.text)])
                }
            }
        }
    }

    private func settle(
        _ slice: [ListedItem], _ arrivals: [Arrival?], _ writer: PartWriter, _ digests: inout [String: ItemID]
    ) throws(Fault) {
        var records: [UInt8] = []
        var kept = 0
        func reject(_ id: ItemID, _ reason: String, _ message: String, duplicateOf: ItemID? = nil) throws(Fault) {
            try writer.reject(id, reason: reason, message: message, duplicateOf: duplicateOf)
            context.noteRejected(id, reason: reason, message: message)
        }
        for (item, arrival) in zip(slice, arrivals) {
            var record = item.record
            switch arrival {
            case .rejected(let reason, let message):
                if reason == "vanished" { record = item.recordIfVanished }
                try reject(item.id, reason, message)
            case .object(let fetch):
                guard let sha256 = fetch["sha256"]?.string, let name = fetch["object"]?.string,
                    let digest = Digest(hex: sha256), let bytes = fetch["bytes"]?.int
                else { throw Fault(.defect, "the object of '\(item.id)' came without its figures") }
                // A part that is made again because it was damaged finds its own items here: they repeat nothing.
                if let original = digests[sha256], original != item.id {
                    try Folders.remove("\(writer.folder)/\(name)")
                    try reject(item.id, "duplicate", "the same bytes as '\(original)'", duplicateOf: original)
                } else {
                    digests[sha256] = item.id
                    kept += 1
                    writer.adopt(SealedFile(name: name, bytes: bytes, sha256: digest))
                    var row = LedgerRow(id: item.id)
                    row.object["fetch"] = .object(fetch)
                    row.object["fields"] = .object(options.fields(of: item))
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
