import BatchFormat
import Fault
import Foundation
import InferStage
import JSON
import Memory
import Models
import StageRun
import TestKit
import TestModels
import Testing
import TorchModel

/// infer on a GPU: how the GPU is chosen, how its memory is managed, and how a run ends when it fails.
///
/// The GPU is `fake-gpu.c`, so this runs anywhere; `Tests/Device` has the checks for a real one.
@Suite struct GPUTests {
    /// A library with a GPU of 1,000 MiB, of which a loaded model takes 100. Its state is its own.
    private final class FakeGPU {
        private let scratch: ScratchFolder
        var path: String { scratch["libnocturne-torch.so"] }

        /// - Parameter definitions: macros of `fake-gpu.c`, such as `OTHERS=700`.
        init(_ definitions: String...) throws {
            scratch = try ScratchFolder()
            let source = Checkout.path("Tests/InferStageTests/fake-gpu.c")
            let include = Checkout.path("Sources/C/CTorch/include")
            try Program(
                ["/usr/bin/env", "clang", "-Wall", "-Werror", "-shared", "-fPIC", "-I\(include)", source]
                    + ["-o", scratch["libnocturne-torch.so"]] + definitions.map { "-D\($0)" }
            ).run().successful()
        }

        /// A fixture's model on the GPU, limited only by the GPU's memory.
        func load(_ name: String = "masked", on device: String = "cuda") throws -> Loaded {
            try Loaded(
                name, on: device, library: TorchLibrary.open(path), gauge: MemoryGauge(systemRoot: "/nowhere"))
        }
    }

    /// Clips of 10 frames, each taking 10 MiB of the GPU when alone; all have a score.
    private func clips(_ count: Int) -> [Clip] { (0..<count).map { .random("\($0)", frames: 10, seed: $0) } }

    private func areDone(_ results: [ItemResult]) -> Bool { results.allSatisfy { $0.score != nil } }

    // MARK: Choosing the GPU

    @Test(arguments: ["auto", "cuda", "cuda:0"]) func `a GPU is known by its number`(_ wish: String) throws {
        #expect(try FakeGPU().load(on: wish).engine.place == "cuda:0")
    }

    @Test func `auto means the CPU where there is no GPU`() throws {
        #expect(try FakeGPU("DEVICES=0").load(on: "auto").engine.place == "cpu")
    }

    @Test(arguments: [("DEVICES=1", "cuda:1"), ("DEVICES=0", "cuda")])
    func `a GPU that is not there is refused`(devices: String, wish: String) throws {
        let fault = try #require(#expect(throws: Fault.self) { try FakeGPU(devices).load(on: wish) })
        #expect(fault.kind == .configuration)
        let seen = devices.dropFirst("DEVICES=".count)
        #expect(fault.message.contains("infer.device = \"\(wish)\": libtorch 0.0.0 sees \(seen) CUDA devices"))
    }

    @Test func `a model not compiled for the GPU runs on the CPU, if that is left open`() throws {
        let gpu = try FakeGPU("LOADING=NOCTURNE_TORCH_BAD_MODEL")
        #expect(try gpu.load(on: "auto").engine.place == "cpu")
        let fault = #expect(throws: Fault.self) { try gpu.load(on: "cuda") }
        #expect(fault?.kind == .configuration)
    }

    @Test(arguments: ["auto", "cuda"]) func `a GPU without room for the model is for later`(_ wish: String) throws {
        let fault = #expect(throws: Fault.self) {
            try FakeGPU("LOADING=NOCTURNE_TORCH_OUT_OF_MEMORY").load(on: wish)
        }
        #expect(fault?.kind == .retryLater, "the CPU would give other bytes under the GPU's name")
    }

    @Test func `cuda and cuda:0 are one version`() throws {
        let gpu = try FakeGPU("KIB_PER_FRAME=1")
        let models = try ModelCopy("masked")
        try models.remove("check.safetensors")
        let batch = try FeatureBatch([clips(3)])
        func infer(_ device: String) throws -> StageOutcome {
            try batch.infer(
                FeatureBatch.config("masked@1", "device = \"\(device)\""), models: models.folder, library: gpu.path)
        }
        #expect(try infer("cuda").made == 1)
        #expect(try infer("cuda:0").made == 0)
    }

    // MARK: The GPU's memory

    @Test func `batches are cut so that they stay below the GPU's soft limit`() throws {
        // 700 of 1,000 MiB, minus those of the model and of another process.
        for (others, most) in [(0, 60), (200, 40), (500, 10)] {
            let loaded = try FakeGPU("OTHERS=\(others)").load()
            #expect(areDone(try loaded.run(clips(64), length: 10)))
            let cut = try #require(loaded.log.events("batch_cut").first)
            #expect(cut.figures["most"]?.int == most)
            #expect(loaded.log.events("batch_halved").isEmpty)
        }
    }

    @Test func `above the GPU's soft limit batches are halved, with a warning`() throws {
        let loaded = try FakeGPU("OTHERS=650").load()
        #expect(areDone(try loaded.run(clips(8), length: 10)))
        #expect(loaded.log.events("memory_soft").first?.message.hasPrefix("the device's memory is 75 % used") == true)
        #expect(loaded.log.events("batch_cut").first?.figures["most"] == 4)
    }

    @Test func `above the GPU's hard limit the run is for later`() throws {
        let loaded = try FakeGPU("OTHERS=800").load()
        let fault = try #require(#expect(throws: Fault.self) { try loaded.run(clips(1), length: 10) })
        #expect(fault.kind == .retryLater)
        #expect(fault.message.hasPrefix("the device's memory is 90 % used (900 of 1000 MiB)"), "\(fault)")
    }

    @Test func `after a batch that did not fit, the next ones are as large as fits`() throws {
        // 30 clips seem to fit, but only 25 do.
        let loaded = try FakeGPU("OTHERS=300", "SCATTERED=350").load()
        #expect(areDone(try loaded.run(clips(30), length: 10)))
        #expect(loaded.log.events("batch_halved").map { $0.figures["items"]?.int } == [30])
        // What the failed batch had taken by then is not counted against those that ran.
        #expect(areDone(try loaded.run(clips(25), length: 10)))
        #expect(loaded.log.events("batch_cut").isEmpty)
    }

    @Test func `a known answer without room is for later`() throws {
        let gpu = try FakeGPU("KIB_PER_FRAME=1000000")
        let batch = try FeatureBatch([clips(1)])
        let fault = try #require(
            #expect(throws: Fault.self) {
                try batch.infer(FeatureBatch.config("masked@1", "device = \"cuda\""), library: gpu.path)
            })
        #expect(fault.kind == .retryLater)
        #expect(fault.message.contains("not enough memory on cuda:0"), "\(fault)")
    }

    // MARK: Failures of the GPU

    @Test func `when the GPU fails the run ends and no item is blamed`() throws {
        let loaded = try FakeGPU().load()
        let bad = Clip.frames("bad", [Float](repeating: 666, count: 40))
        let fault = try #require(#expect(throws: Fault.self) { try loaded.run(clips(3) + [bad], length: 10) })
        #expect(fault.kind == .retryLater)
        #expect(fault.message.hasPrefix("cuda:0 failed while the model 'masked@1' ran: CUDA error: device-side assert"))
        #expect(fault.message.contains("--set infer.device=cpu") && !fault.message.contains("advice"), "\(fault)")
        #expect(throws: Fault.self) { try loaded.run(clips(3), length: 10) }
        // As the message says, the CPU identifies the item.
        let results = try FakeGPU().load(on: "cpu").run(clips(3) + [bad], length: 10)
        #expect(areDone(Array(results[..<3])) && results[3].failure == "index out of range")
    }
}
