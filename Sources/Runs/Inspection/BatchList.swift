public import BatchFormat
public import Fault
public import JSON
internal import PipelineConfig
internal import StageRun

/// One stage of one batch, as shown by `batches list`.
public struct StageSummary: Sendable {
    /// The stage's folder.
    public let folder: StageFolder
    /// All versions' numbers.
    public let versions: [Int]
    /// Where `current` points.
    public let current: Int?
    /// The version that a gate holds back.
    public let held: Int?
    /// The version that a person pinned.
    public let pinned: Int?
    /// The numbers of versions without a seal.
    public let unsealed: [Int]
    /// How the stage's last run ended, if it left an ending.
    public let ending: StageEnding?
    /// The seal of the version shown (held back, otherwise current), if it can be read.
    public let seal: VersionSeal?
    /// Whether a run is working on the stage now.
    public let isRunning: Bool
    /// Whether the current version was made from another version of a stage that it reads than the one that stages read now.
    public let isStale: Bool
    /// The stages it reads, if a version says so.
    let inputs: [String]
    /// The position of its tool in the chain, which orders stages that do not say what they read.
    let rank: Int

    init(_ folder: StageFolder) throws(Fault) {
        self.folder = folder
        versions = try folder.versions()
        current = folder.current()
        held = folder.held()
        pinned = folder.pinned()
        unsealed = versions.filter { !folder.isSealed($0) }
        ending = StageEnding(of: folder)
        isRunning = folder.isBeingWritten
        isStale =
            folder.current().flatMap { try? VersionReader(folder.version($0)) }.map { Self.isStale($0, folder) }
            ?? false
        seal = folder.shown().flatMap { try? VersionReader(folder.version($0)).seal }
        // A stage whose first version is held back or unfinished has no current version, but a position among the
        // others.
        let known = seal == nil ? try folder.newestSealed()?.seal : seal
        let begun = known == nil ? Self.newestManifest(of: versions, in: folder) : nil
        inputs = known?.inputs.map(\.stage) ?? begun?.inputStages ?? []
        let tool = StageTool(rawValue: known?.identity.tool ?? begun?.identity.tool ?? ending?.tool ?? folder.stage)
        rank = tool.flatMap(StageTool.allCases.firstIndex) ?? StageTool.allCases.count
    }

    /// Compares what a run would make the parts from now with what they were made from.
    private static func isStale(_ version: VersionReader, _ folder: StageFolder) -> Bool {
        version.seal.inputs.contains { reference in
            guard reference.batch == folder.batch, reference.pipeline == folder.pipeline,
                let input = try? folder.address.stage(reference.stage),
                let accepted = input.sealedPin() ?? input.current(),
                let now = try? VersionReader(input.version(accepted)).seal
            else { return false }
            if now.digest == reference.digest { return false }
            // Another version with the same parts gives the same result.
            let keys = now.parts.map { version.seal.identity.key(input: $0.digest) }
            return version.seal.parts.isEmpty || version.seal.parts.map(\.key) != keys
        }
    }

    private static func newestManifest(of versions: [Int], in folder: StageFolder) -> RunManifest? {
        versions.reversed().lazy.compactMap {
            try? RunManifest(reading: "\(folder.version($0))/\(VersionFolder.manifestName)")
        }.first
    }

    /// Links to versions without a seal: the seal or the version was deleted after publication.
    public var danglingLinks: [Damage] {
        [("current", current), ("pinned", pinned), ("held", held)].compactMap { name, number in
            guard let number, !folder.isSealed(number) else { return nil }
            let seal = "\(folder.version(number))/\(VersionFolder.sealName)"
            return Damage(
                path: seal, message: "'\(seal)' is missing, but '\(folder.path)/\(name)' points at its version")
        }
    }

    /// Whether the stage's versions contain items; a store's contain a receipt.
    public var holdsItems: Bool { seal.map { $0.identity.tool != "store" } ?? false }

    /// The stage's state in one or two words.
    public var state: String {
        if isRunning { return "running" }
        if held != nil { return "held back" }
        guard let current else {
            if !unsealed.isEmpty { return "unsealed" }
            return ending?.isBad == true ? "failed" : "empty"
        }
        if !folder.isSealed(current) { return "lost" }
        if pinned != nil { return "pinned" }
        return isStale ? "stale" : "current"
    }

    /// How the last run ended: `done`, or the exit code and its name, and the stage that it ended because of.
    public var lastRun: String? {
        ending.map { ending in
            guard ending.isBad else { return ending.status.name }
            let because = ending.because.map { ", because of \($0)" } ?? ""
            return "\(ending.status.code) \(ending.status.name)\(because)"
        }
    }

    /// The summary in the form of `--json`.
    public var json: JSON {
        var object: JSONObject = [
            "pipeline": .string(folder.pipeline), "batch": .string(folder.batch), "stage": .string(folder.stage),
            "state": .string(state), "versions": .array(versions.map { .string("v\($0)") }),
            "current": current.map { .string("v\($0)") } ?? .null, "held": held.map { .string("v\($0)") } ?? .null,
            "pinned": pinned.map { .string("v\($0)") } ?? .null,
            "unsealed": .array(unsealed.map { .string("v\($0)") }), "stale": .bool(isStale),
            "running": .bool(isRunning),
        ]
        if let ending { object["last_run"] = .object(ending.object) }
        if let seal {
            if holdsItems {
                object["items"] = .int(Int64(seal.items))
                object["rejected"] = .int(Int64(seal.rejected))
            }
            object["bytes"] = .int(Int64(seal.bytes))
            object["finished_at"] = seal.run.finishedAt.map { .string($0) } ?? .null
        }
        return .object(object)
    }
}

/// The contents of a root.
public enum BatchList {
    /// Every stage of every batch, ordered by pipeline, batch, and the pipeline's chain.
    ///
    /// - Parameters:
    ///   - pipeline: only this pipeline.
    ///   - batch: only this batch.
    public static func stages(root: String, pipeline: String?, batch: String?) throws(Fault) -> [StageSummary] {
        var summaries: [StageSummary] = []
        for address in try BatchAddress.all(root: root, pipeline: pipeline, batch: batch) {
            var stages: [StageSummary] = []
            var folders = try address.stages()
            folders += try StageEnding.stages(of: address).filter { !folders.contains($0) }
            for folder in folders {
                let stage = try StageSummary(folder)
                // A link to a missing version shows that there was a stage; so does a run that failed before it had one.
                let isEmpty = stage.versions.isEmpty && stage.danglingLinks.isEmpty && stage.ending == nil
                if !isEmpty { stages.append(stage) }
            }
            summaries += inOrder(stages)
        }
        if summaries.isEmpty, let pipeline {
            throw Fault(.missing, "'\(root)' has no batch \(batch.map { "'\($0)' " } ?? "")of '\(pipeline)'")
        }
        return summaries
    }

    /// Sorts each stage after those it reads.
    private static func inOrder(_ stages: [StageSummary]) -> [StageSummary] {
        // Ties keep the order of the names.
        var rest = stages.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map(\.element)
        var ordered: [StageSummary] = []
        while !rest.isEmpty {
            let waiting = Set(rest.map(\.folder.stage))
            ordered.append(rest.remove(at: rest.firstIndex { waiting.isDisjoint(with: $0.inputs) } ?? 0))
        }
        return ordered
    }
}
