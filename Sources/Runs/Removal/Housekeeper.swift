internal import BatchFormat
internal import Durable
public import Fault
public import JSON
public import PipelineConfig
internal import Time

/// Removes what is no longer needed: old versions, leftovers of dead runs, expired raw objects.
///
/// Nothing is removed that is current, pinned or held, that a kept version was made from, or that a run may be using. A
/// version is first renamed to a temporary name, which no reader reads, and then deleted; a later run completes an
/// interrupted removal.
public struct Housekeeper {
    private let root: String
    private let dryRun: Bool
    private let now: Double
    private let record: JSONObject
    private let checkStop: () throws(Fault) -> Void
    private let announce: (RemovedFiles) -> Void
    private var files = LinkedFiles()
    private var report = HousekeepingReport()

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - root: where batches are kept.
    ///   - dryRun: only reports what would be done.
    ///   - now: seconds since 1970.
    ///   - record: what does it, for the records of releases: `host`, `tool_version`.
    ///   - checkStop: called before each removal; an error it throws ends the run.
    ///   - announce: called after each removal.
    public init(
        root: String, dryRun: Bool, now: Double, record: JSONObject,
        checkStop: @escaping () throws(Fault) -> Void,
        announce: @escaping (RemovedFiles) -> Void = { _ in }
    ) {
        (self.root, self.dryRun, self.now, self.record) = (root, dryRun, now, record)
        (self.checkStop, self.announce) = (checkStop, announce)
    }

    /// Housekeeping for all batches, or for those named.
    ///
    /// - Parameter retention: what is kept of a pipeline.
    /// - Throws: 66 if there is no such root, pipeline or batch; 74 or 77 if the disk refuses.
    public mutating func run(
        pipeline: String?, batch: String?, retention: (_ pipeline: String) throws(Fault) -> Retention
    ) throws(Fault) -> HousekeepingReport {
        var everything: [StageFolder] = []
        for address in try BatchAddress.all(root: root) { everything += try address.stages() }
        let wanted = everything.filter {
            (pipeline == nil || $0.pipeline == pipeline) && (batch == nil || $0.batch == batch)
        }
        if wanted.isEmpty, let pipeline {
            throw Fault(.missing, "'\(root)' has no batch \(batch.map { "'\($0)' " } ?? "")of '\(pipeline)'")
        }
        // Read every configuration before anything is removed: an error in one must not be found half-way.
        var retentions: [String: Retention] = [:]
        for folder in wanted where retentions[folder.pipeline] == nil {
            retentions[folder.pipeline] = try retention(folder.pipeline)
        }
        let references = try References(everything)
        for folders in Dictionary(grouping: wanted, by: { "\($0.pipeline)/\($0.batch)" }).sorted(by: { $0.key < $1.key }
        ) {
            guard let first = folders.value.first else { continue }
            try lookAfter(folders.value, retentions[first.pipeline] ?? Retention(), references)
        }
        return report
    }

    private mutating func lookAfter(
        _ folders: [StageFolder], _ retention: Retention, _ references: References
    ) throws(Fault) {
        let busy = try BusyStages(folders, dryRun: dryRun)
        var (stages, untouched): ([StageStock], Set<String>) = ([], [])
        for folder in folders {
            let stage = try StageStock(folder)
            let strange = stage.strangeLink.map { "its '\($0)' points at no version; set it with 'batches use'" }
            if let reason = busy.reasons[folder.stage] {
                report.skipped.append(Retained(path: folder.path, reasons: [reason]))
                untouched.insert(folder.stage)
            } else if let strange {
                report.kept.append(Retained(path: folder.path, reasons: [strange]))
                untouched.insert(folder.stage)
            }
            stages.append(stage)
        }
        let reasons = KeepingReasons(
            stages, busy: untouched, foreign: references.foreign(to: folders), retention: retention, now: now)
        for stage in stages where !untouched.contains(stage.folder.stage) {
            try clear(stage, reasons)
            if let raw = retention.raw {
                try release(stage, RawObjects(stages, olderThan: raw, now: now), reasons, raw)
            }
        }
        busy.release()
    }

    private mutating func clear(_ stage: StageStock, _ reasons: KeepingReasons) throws(Fault) {
        let kept = stage.versions.map(\.number).filter { reasons.reasons(stage, $0) != nil }
        for path in try stage.leftovers(in: kept) {
            try remove(.leftover, stage, path, [path], "left by a run that died") { () throws(Fault) in
                try Folders.remove(path)
            }
        }
        for version in stage.versions {
            let path = stage.folder.version(version.number)
            if let why = reasons.reasons(stage, version.number) {
                report.kept.append(Retained(path: path, reasons: why))
                continue
            }
            let reason = version.isSealed ? "older than those kept" : "left unsealed by a run that died"
            try remove(version.isSealed ? .version : .unsealed, stage, path, [path], reason) { () throws(Fault) in
                let doomed = "\(stage.folder.path)/.tmp-gc-v\(version.number)"
                try Folders.rename(path, to: doomed)
                // On disk before the first file is removed: a power cut must not restore a half-deleted version.
                try Folders.sync(stage.folder.path)
                try Folders.remove(doomed)
            }
        }
    }

    private mutating func release(
        _ stage: StageStock, _ raw: RawObjects, _ reasons: KeepingReasons, _ age: Double
    ) throws(Fault) {
        for version in stage.versions {
            guard let reader = version.reader, reader.seal.identity.tool == "fetch",
                reasons.reasons(stage, version.number) != nil
            else { continue }
            for candidate in try raw.candidates(in: reader) {
                let reason = "older than \(KeepingReasons.days(age))"
                var run: JSONObject = ["released_at": .string(Moment(secondsSince1970: now).text(decimals: 3))]
                for (name, value) in record.members { run[name] = value }
                try remove(.raw, stage, candidate.part.folder, candidate.paths, reason) { () throws(Fault) in
                    try candidate.part.release(.expired, message: reason, run: run)
                }
            }
        }
    }

    private mutating func remove(
        _ kind: RemovedFiles.Kind, _ stage: StageStock, _ path: String, _ paths: [String], _ reason: String,
        _ act: () throws(Fault) -> Void
    ) throws(Fault) {
        try checkStop()
        let (apparent, freed) = try files.remove(paths)
        if !dryRun { try act() }
        let removal = RemovedFiles(
            kind: kind, stage: stage.folder, path: path, reason: reason, apparentBytes: apparent, freedBytes: freed)
        report.removals.append(removal)
        announce(removal)
    }
}
