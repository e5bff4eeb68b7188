internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import StageRun

/// Makes the rows of `runs` from the files on disk.
enum RunRows {
    /// A sealed version's figures.
    static func row(_ version: VersionReader, status: RunStatus, bytesIn: Int?) -> RunRow {
        let (seal, run) = (version.seal, version.seal.run)
        var row = RunRow(stage: seal.identity.stage, version: version.name, status: status)
        row.fingerprint = seal.fingerprint.hex
        row.items = seal.items
        row.rejected = seal.rejected
        row.seconds = run.seconds
        row.peakMemoryBytes = run.peakMemoryBytes
        row.bytesIn = bytesIn
        row.bytesOut = seal.bytes
        row.startedAt = run.startedAt.flatMap(Timestamp.init)
        row.finishedAt = run.finishedAt.flatMap(Timestamp.init)
        var reasons = JSONObject()
        for (reason, count) in seal.rejectedByReason { reasons[reason] = .int(Int64(count)) }
        row.summary = [
            "tool": .string(seal.identity.tool), "parts": .int(Int64(seal.parts.count)),
            "rejected_by_reason": .object(reasons),
        ]
        if !seal.inputs.isEmpty { row.summary["inputs"] = inputs(seal.inputs) }
        if seal.identity.model != .null { row.summary["model"] = seal.identity.model }
        for (name, value) in run.summary.members { row.summary[name] = value }
        return row.storable
    }

    /// The versions that a run was made from, so that later ones are noticed.
    static func inputs(_ references: [InputReference]) -> JSON {
        .array(references.map { ["stage": .string($0.stage), "version": .string($0.version)] })
    }

    /// The state of a stage: its newest version, sealed or not (`absent` if there is none); the accepted version and
    /// the pinned one, if they differ; and what the tables contain, if that is not the newest version.
    ///
    /// - Parameter loaded: the figures of what the tables contain of the stage.
    static func row(newestOf folder: StageFolder, loaded: RunRow?) throws(Fault) -> RunRow {
        var row = try row(newestOf: folder)
        // A version number may be reused after a batch was erased.
        if let loaded,
            loaded.fingerprint == nil || (loaded.version, loaded.fingerprint) != (row.version, row.fingerprint)
        {
            row.summary["loaded"] = loaded.figures
        }
        if let current = folder.current().map({ "v\($0)" }), current != row.version {
            row.summary["current"] = .string(current)
        }
        if let pinned = folder.pinned() { row.summary["pinned"] = .string("v\(pinned)") }
        return row
    }

    /// The figures of a version in the tables, by its receipt; only its name if it is no longer on disk.
    static func row(loaded receipt: StageVersion, in folder: StageFolder) -> RunRow {
        // If it is the newest version, what cannot be read is reported as that version's result.
        guard let number = StageFolder.number(receipt.version), let version = try? folder.readable(number),
            // A store's receipt names the plan: its own seal did not exist yet.
            [version.seal.digest.hex, version.seal.fingerprint.hex].contains(receipt.digest),
            let row = try? figures(of: version, in: folder, status: .sealed)
        else { return RunRow(stage: receipt.stage, version: receipt.version, status: .sealed) }
        return row
    }

    private static func row(newestOf folder: StageFolder) throws(Fault) -> RunRow {
        let ending = StageEnding(of: folder)
        guard let newest = try folder.versions().last else {
            // A run that failed before it had a version; one that ended because of another stage just has not run.
            let hasFailed = ending?.isBad == true && ending?.because == nil
            let row = RunRow(stage: folder.stage, version: "", status: hasFailed ? .failed : .absent)
            return row.adding(ending).storable
        }
        let path = folder.version(newest)
        do throws(Fault) {
            if folder.isSealed(newest) { return try sealed(VersionReader(path), folder, newest, ending) }
            return try unsealed(path, folder, newest, ending)
        } catch {
            guard error.kind == .damaged || error.kind == .missing else { throw error }
            let summary: JSONObject = ["failure": .string(error.message)]
            return RunRow(stage: folder.stage, version: "v\(newest)", status: .failed, summary: summary).storable
        }
    }

    private static func sealed(
        _ version: VersionReader, _ folder: StageFolder, _ newest: Int, _ ending: StageEnding?
    ) throws(Fault) -> RunRow {
        let isHeld = folder.held() == newest && folder.pinned() != newest
        let row = try figures(of: version, in: folder, status: isHeld ? .heldBack : .sealed)
        guard let ending, ending.isBad else { return row }
        if ending.version == version.name, ending.status.kind == .heldBack {
            var held = row
            if isHeld { held.summary["held_back"] = .string(ending.message) }
            return held.storable
        }
        // The version is whole, but the run after it failed before it had one of its own. A stop is intentional.
        return ending.because == nil && !ending.status.isStop ? row.adding(ending).storable : row
    }

    private static func figures(
        of version: VersionReader, in folder: StageFolder, status: RunStatus
    ) throws(Fault) -> RunRow {
        var bytesIn: Int?
        for input in version.seal.inputs {
            // What it was made from may be gone by now, and its size is then unknown.
            guard let read = try? VersionReader(input.folder(beside: version.path)) else {
                bytesIn = nil
                break
            }
            bytesIn = (bytesIn ?? 0) + read.seal.bytes
        }
        var row = row(version, status: status, bytesIn: bytesIn)
        if let receipt = try DiskReceipt(of: version) {
            row.items = receipt.items
            row.rejected = receipt.rejected
        }
        return row
    }

    private static func unsealed(
        _ path: String, _ folder: StageFolder, _ newest: Int, _ ending: StageEnding?
    ) throws(Fault) -> RunRow {
        let isBusy = try FolderLock.trying(folder: folder.path, .exclusive) == nil
        var row = RunRow(stage: folder.stage, version: "v\(newest)", status: isBusy ? .running : .failed)
        let manifestPath = "\(path)/\(VersionFolder.manifestName)"
        // While a run is in progress, files that cannot be read yet are not a failure.
        if isBusy && !Folders.exists(manifestPath) { return row }
        let manifest = try RunManifest(reading: manifestPath)
        row.fingerprint = manifest.fingerprint?.hex
        row.startedAt = manifest.run.startedAt.flatMap(Timestamp.init)
        let parts = try VersionFolder.sealedParts(in: path)
        var (items, rejected, bytes, seconds) = (0, 0, 0, 0.0)
        for name in parts {
            let seal = try PartSeal(reading: "\(path)/\(name)/\(PartFolder.sealName)")
            items += seal.items
            rejected += seal.rejected
            bytes += seal.bytes
            seconds += seal.run.seconds ?? 0
        }
        row.items = items
        row.rejected = rejected
        row.bytesOut = bytes
        row.seconds = seconds
        row.summary = ["tool": .string(manifest.identity.tool), "parts": .int(Int64(parts.count))]
        if !manifest.inputs.isEmpty { row.summary["inputs"] = inputs(manifest.inputs) }
        return (isBusy ? row : row.adding(ending)).storable
    }
}

extension RunRow {
    /// The row with what the stage's last run said when it ended badly.
    fileprivate func adding(_ ending: StageEnding?) -> RunRow {
        guard let ending, ending.isBad else { return self }
        var row = self
        row.summary["failure"] = .string(ending.message)
        row.summary["failure_kind"] = .string(ending.status.name)
        row.summary["failed_at"] = .string(ending.time)
        row.summary["because"] = ending.because.map { .string($0) }
        return row
    }

    /// The row's figures as an object, for the row of a later version.
    fileprivate var figures: JSON {
        var object: JSONObject = ["version": .string(version)]
        object["fingerprint"] = fingerprint.map { .string($0) }
        object["seconds"] = seconds.map { .double($0) }
        let counts = [
            ("items", items), ("rejected", rejected), ("peak_memory_bytes", peakMemoryBytes), ("bytes_in", bytesIn),
            ("bytes_out", bytesOut),
        ]
        for (name, count) in counts { object[name] = count.map { .int(Int64($0)) } }
        for (name, moment) in [("started_at", startedAt), ("finished_at", finishedAt)] {
            object[name] = moment.map { .string($0.text) }
        }
        object["summary"] = .object(summary)
        return .object(object)
    }

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
