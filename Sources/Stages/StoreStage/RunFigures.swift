internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import StageRun

/// The rows of `runs`, from what is on disk.
enum RunFigures {
    /// A sealed version's figures.
    static func row(_ version: VersionReader, status: RunStatus, bytesIn: Int?) -> RunRow {
        let (seal, run) = (version.seal, version.seal.run)
        var row = RunRow(stage: seal.identity.stage, version: version.name, status: status)
        row.fingerprint = seal.fingerprint.hex
        row.items = seal.items
        row.rejected = seal.rejected
        row.seconds = run["seconds"]?.double
        row.peakMemoryBytes = run["peak_memory_bytes"]?.int
        row.bytesIn = bytesIn
        row.bytesOut = seal.bytes
        row.startedAt = run["started_at"]?.string.flatMap(Timestamp.init)
        row.finishedAt = run["finished_at"]?.string.flatMap(Timestamp.init)
        var reasons = JSONObject()
        for (reason, count) in seal.rejectedByReason { reasons[reason] = .int(Int64(count)) }
        row.summary = [
            "tool": .string(seal.identity.tool), "parts": .int(Int64(seal.parts.count)),
            "rejected_by_reason": .object(reasons),
        ]
        if !seal.inputs.isEmpty { row.summary["inputs"] = inputs(seal.inputs) }
        if seal.identity.model != .null { row.summary["model"] = seal.identity.model }
        for name in [
            "parts_made", "parts_reused", "tool_version", "host", "jobs", "transaction", "waited_for_input",
            "waited_for_followers",
        ] {
            if let value = run[name] { row.summary[name] = value }
        }
        return row.storable
    }

    /// Which versions a run was made from, so that a later one of theirs is noticed.
    static func inputs(_ references: [InputReference]) -> JSON {
        .array(references.map { ["stage": .string($0.stage), "version": .string($0.version)] })
    }

    /// The state of a stage's newest version, sealed or not; `absent` if there is none.
    static func row(newestOf folder: StageFolder) throws(Fault) -> RunRow {
        guard let newest = try folder.versions().last else {
            return RunRow(stage: folder.stage, version: "", status: .absent)
        }
        let path = folder.version(newest)
        do throws(Fault) {
            if folder.isSealed(newest) { return try sealed(VersionReader(path), folder, newest) }
            return try unsealed(path, folder, newest)
        } catch {
            guard error.kind == .damaged || error.kind == .missing else { throw error }
            let summary: JSONObject = ["failure": .string(error.message)]
            return RunRow(stage: folder.stage, version: "v\(newest)", status: .failed, summary: summary).storable
        }
    }

    private static func sealed(
        _ version: VersionReader, _ folder: StageFolder, _ newest: Int
    ) throws(Fault) -> RunRow {
        let isHeld = folder.held() == newest && folder.pinned() != newest
        var bytesIn: Int?
        for input in version.seal.inputs {
            // What it was made from may be gone by now; then nobody knows its size any more.
            let path = "\(Folders.parent(of: folder.path))/\(input.stage)/\(input.version)"
            guard let read = try? VersionReader(path) else {
                bytesIn = nil
                break
            }
            bytesIn = (bytesIn ?? 0) + read.seal.bytes
        }
        var row = row(version, status: isHeld ? .heldBack : .sealed, bytesIn: bytesIn)
        if isHeld, let gate = try lastEvent(of: "gate_failed", in: version.path) {
            row.summary["held_back"] = .string(Storable.visible(gate["message"]?.string ?? ""))
        }
        if let receipt = try DiskReceipt(of: version) {
            row.items = receipt.items
            row.rejected = receipt.rejected
        }
        return row
    }

    private static func unsealed(_ path: String, _ folder: StageFolder, _ newest: Int) throws(Fault) -> RunRow {
        let isBusy = try FolderLock.trying(folder: folder.path, .exclusive) == nil
        var row = RunRow(stage: folder.stage, version: "v\(newest)", status: isBusy ? .running : .failed)
        let manifestPath = "\(path)/\(VersionFolder.manifestName)"
        // While somebody is at work, what cannot be read yet is no failure.
        if isBusy && !Folders.exists(manifestPath) { return row }
        let manifest = try RunManifest(reading: manifestPath)
        row.fingerprint = manifest.fingerprint?.hex
        row.startedAt = manifest.run["started_at"]?.string.flatMap(Timestamp.init)
        let parts = try VersionFolder.sealedParts(in: path)
        var (items, rejected, bytes, seconds) = (0, 0, 0, 0.0)
        for name in parts {
            let seal = try PartSeal(reading: "\(path)/\(name)/\(PartFolder.sealName)")
            items += seal.items
            rejected += seal.rejected
            bytes += seal.bytes
            seconds += seal.run["seconds"]?.double ?? 0
        }
        row.items = items
        row.rejected = rejected
        row.bytesOut = bytes
        row.seconds = seconds
        row.summary = ["tool": .string(manifest.identity.tool), "parts": .int(Int64(parts.count))]
        if !manifest.inputs.isEmpty { row.summary["inputs"] = inputs(manifest.inputs) }
        if !isBusy, let failure = try lastEvent(of: "run_failed", in: path) {
            row.summary["failure"] = failure["reason"] ?? failure["message"]
            row.summary["failure_kind"] = failure["kind"]
        }
        return row.storable
    }

    /// The last event of a name that a run's log tells of, if it lived to say something.
    private static func lastEvent(of name: String, in path: String) throws(Fault) -> JSON? {
        let log = "\(path)/\(VersionFolder.eventsName)"
        guard Folders.exists(log) else { return nil }
        for line in try AtomicFile.read(log).split(separator: UInt8(ascii: "\n")).reversed() {
            // The log lies outside every digest: a line that a dying process left half written is passed over.
            guard let event = try? JSON(parsing: line), event["event"]?.string == name else { continue }
            return event
        }
        return nil
    }
}

extension RunRow {
    /// The row with every text made storable: figures are for people.
    fileprivate var storable: RunRow {
        var row = self
        row.summary = Self.storable(summary)
        return row
    }

    /// Figures with every text made storable.
    static func storable(_ figures: JSONObject) -> JSONObject { storable(.object(figures)).object ?? [:] }

    private static func storable(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): return .string(Storable.visible(text))
        case .array(let values): return .array(values.map(storable))
        case .object(let object):
            var copy = JSONObject()
            for (name, element) in object.members { copy[Storable.visible(name)] = storable(element) }
            return .object(copy)
        default: return value
        }
    }
}
