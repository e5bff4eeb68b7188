import BatchFormat
import Digests
import Fault
import Foundation
import InferStage
import JSON
import PipelineConfig
import StageRun
import Synchronization
import TestBatches
import TestKit
import TestModels
import TorchModel

/// An item for inference: its id and its tensor.
struct Clip {
    let id: String
    let shape: [Int]
    let values: [Float]

    /// Frames of 4 bins.
    static func frames(_ id: String, _ values: [Float]) -> Clip {
        Clip(id: id, shape: [values.count / 4, 4], values: values)
    }

    /// Frames of 4 bins with reproducible pseudo-random values.
    static func random(_ id: String, frames: Int, seed: Int = 1) -> Clip {
        .frames(id, (0..<frames * 4).map { Float(sin(Double($0 + 7 * seed) * 1.7)) })
    }
}

/// A scratch root with a sealed version of clean and one of featurize; removed at the end.
final class FeatureBatch {
    static let pipeline = "digits"
    static let batch = "2026-11-20"
    private let scratch: ScratchFolder
    var root: String { scratch.path }
    let log = TestLog()

    private let cleanStage: String

    /// - Parameters:
    ///   - parts: the items of each part.
    ///   - file: which tensor file they are in; `audio.safetensors` makes clean's version the input.
    ///   - cleanStage: the name of the stage that clean runs.
    init(
        _ parts: [[Clip]], features: JSONObject = ["kind": "kaldi-fbank", "mel_bins": 4, "normalize": "item"],
        file: String = "features.safetensors", cleanStage: String = "clean"
    ) throws {
        scratch = try ScratchFolder()
        self.cleanStage = cleanStage
        let isAudio = file == "audio.safetensors"
        try seal(cleanStage, "clean", config: ["sample_rate": 16000], inputs: [], isAudio ? parts : [], file)
        if !isAudio {
            let clean = try VersionReader("\(folder(cleanStage))/v1").reference
            try seal("featurize", "featurize", config: features, inputs: [clean], parts, file)
        }
    }

    func folder(_ stage: String) -> String { "\(root)/\(Self.pipeline)/\(Self.batch)/\(stage)" }

    private func seal(
        _ stage: String, _ tool: String, config: JSONObject, inputs: [InputReference], _ parts: [[Clip]], _ file: String
    ) throws {
        let plan = VersionPlan(
            identity: VersionIdentity(
                pipeline: Self.pipeline, batch: Self.batch, stage: stage, tool: tool, revision: 1, config: config),
            effectiveConfig: [:], inputs: inputs,
            parts: parts.enumerated().map { index, clips in
                PlannedPart(name: VersionFolder.partName(index), input: Digest(of: "\(index)".utf8), items: clips.count)
            },
            gates: Gates(minItems: 0, maxRejectRatio: nil))
        let folder = try BatchAddress(root: root, pipeline: Self.pipeline, batch: Self.batch).stage(stage)
        let run = try VersionRun(folder: folder, request: request(), context: RunContext(jobs: 1, events: EventLog()))
        let cleanStage = cleanStage
        let work = TestWork(plan) { (index, version) throws(Fault) in
            let writer = try PartWriter(
                version: version, name: VersionFolder.partName(index), incoming: parts[index].map { ItemID($0.id) })
            for clip in parts[index] {
                var row = LedgerRow(id: ItemID(clip.id))
                row.object[cleanStage] = ["seconds": .double(Double(clip.shape[0]) / 100)]
                try clip.values.withFloats { (floats) throws(Fault) in
                    try writer.append(row, tensor: file, shape: clip.shape, floats: floats)
                }
            }
            return writer
        }
        _ = try run.execute(work)
    }

    func request() throws -> StageRequest {
        StageRequest(try BatchAddress(root: root, pipeline: Self.pipeline, batch: Self.batch))
    }

    /// `[infer]` with a model and some lines.
    static func config(_ model: String, _ lines: String..., input: String? = nil) throws -> StageConfig {
        let wiring = input.map { "input = \"\($0)\"\n" } ?? ""
        let text =
            "format = 1\n[fetch]\nsource = \"in\"\n[clean]\n[featurize]\n[infer]\nmodel = \"\(model)\"\n\(wiring)"
            + lines.joined(separator: "\n")
        return try PipelineConfig.parse(text: text, fileName: "pipeline.toml").stage(named: "infer")
    }

    /// Runs the stage.
    @discardableResult
    func infer(
        _ config: StageConfig, models: String = ModelFixtures.folder, library: String? = nil,
        request: StageRequest? = nil
    ) throws -> StageOutcome {
        let log = log
        let context = RunContext(jobs: 1, events: EventLog { log.append($0) })
        return try StageRunner(request ?? self.request(), context).run(
            Infer(
                config, Infer.Places(models: models, torchLibrary: library ?? TorchLibrary.besideExecutable())))
    }

    /// infer's results by item id, over all parts of a version.
    static func results(_ outcome: StageOutcome) throws -> [String: JSONObject] {
        let version = try VersionReader(outcome.path)
        var results: [String: JSONObject] = [:]
        for index in version.seal.parts.indices {
            for row in try version.part(index).items() { results[row.id.text] = row.object["infer"]?.object }
        }
        return results
    }

    /// The rejected items, by id.
    static func rejects(_ outcome: StageOutcome) throws -> [String: RejectRow] {
        let version = try VersionReader(outcome.path)
        var rejects: [String: RejectRow] = [:]
        for index in version.seal.parts.indices {
            for row in try version.part(index).rejects() { rejects[row.id.text] = row }
        }
        return rejects
    }
}

/// Keeps a run's events.
final class TestLog: Sendable {
    private let kept = Mutex<[Event]>([])
    func append(_ event: Event) { kept.withLock { $0.append(event) } }
    func events(_ name: String) -> [Event] { kept.withLock { $0.filter { $0.name == name } } }
}

extension [Float] {
    /// `withUnsafeBufferPointer` that preserves the error's type.
    func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws(Fault) -> R) throws(Fault) -> R {
        let result = withUnsafeBufferPointer { floats -> Result<R, Fault> in
            do throws(Fault) { return .success(try body(floats)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
