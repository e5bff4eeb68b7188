import BatchFormat
import Digests
import Fault
import Foundation
import JSON
import PipelineConfig
import StageRun
import TestBatches
import TestKit

/// A scratch root with one sealed version of clean, written with the batch format's own writer; deleted at the end.
final class CleanedBatch {
    private let scratch: ScratchFolder
    var root: String { scratch.path }
    static let pipeline = "digits"
    static let batch = "2026-11-20"

    /// - Parameter parts: the clips of each part, by id.
    init(_ parts: [[(id: String, samples: [Float])]], sampleRate: Int = 16000, tool: String = "clean") throws {
        scratch = try ScratchFolder()
        let plan = VersionPlan(
            identity: VersionIdentity(
                pipeline: Self.pipeline, batch: Self.batch, stage: "clean", tool: tool, revision: 1,
                config: ["sample_rate": .int(Int64(sampleRate))], model: .null),
            effectiveConfig: [:], inputs: [],
            parts: parts.enumerated().map { index, clips in
                PlannedPart(name: VersionFolder.partName(index), input: Digest(of: "\(index)".utf8), items: clips.count)
            },
            gates: Gates(minItems: 0, maxRejectRatio: nil))
        let folder = try BatchAddress(root: root, pipeline: Self.pipeline, batch: Self.batch).stage("clean")
        let run = try VersionRun(folder: folder, request: try request(), context: Self.context())
        let work = TestWork(plan) { (index, version) throws(Fault) in
            let writer = try PartWriter(
                version: version, name: VersionFolder.partName(index), incoming: parts[index].map { ItemID($0.id) })
            for (id, samples) in parts[index] {
                let result: Result<Void, Fault> = samples.withUnsafeBufferPointer { floats in
                    do throws(Fault) {
                        let row = LedgerRow(id: ItemID(id))
                        try writer.append(
                            row, tensor: "audio.safetensors", shape: [samples.count], floats: floats)
                        return .success(())
                    } catch {
                        return .failure(error)
                    }
                }
                try result.get()
            }
            return writer
        }
        _ = try run.execute(work)
    }

    func request(jobs: Int = 2, force: Bool = false) throws -> StageRequest {
        StageRequest(try BatchAddress(root: root, pipeline: Self.pipeline, batch: Self.batch), jobs: jobs, force: force)
    }

    static func context(jobs: Int = 2) -> RunContext { RunContext(jobs: jobs, events: EventLog()) }

    /// `[featurize]` with some lines.
    static func config(_ lines: String...) throws -> StageConfig {
        let text = "format = 1\n[fetch]\nsource = \"in\"\n[clean]\n[featurize]\n" + lines.joined(separator: "\n")
        return try PipelineConfig.parse(text: text, fileName: "pipeline.toml").stage(named: "featurize")
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }
}
