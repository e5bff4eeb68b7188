import BatchFormat
import Fault
import Foundation
import InferStage
import JSON
import Memory
import ModelFixtures
import Models
import StageRun
import Testing
import TorchModel

/// infer on a GPU: how the GPU is chosen, how its memory is managed, and how a run ends when it fails.
///
/// The GPU is `fake-gpu.c`, so this runs anywhere; `Tests/Device` has the checks for a real one.
@Suite struct GPUTests {
    /// A library with a GPU of 1,000 MiB, of which a loaded model takes 100. Its state is its own.
    private final class FakeGPU {
        private let folder = NSTemporaryDirectory() + "nocturne-gpu-\(UUID().uuidString)"
        var path: String { "\(folder)/libnocturne-torch.so" }

        /// - Parameter definitions: macros of `fake-gpu.c`, such as `OTHERS=700`.
        init(_ definitions: String...) throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake-gpu.c").path
            let include = ModelFixtures.repository.appending(path: "Sources/C/CTorch/include").path
            let compiler = try Process.run(
                URL(filePath: "/usr/bin/env"),
                arguments: ["clang", "-Wall", "-Werror", "-shared", "-fPIC", "-I\(include)", source, "-o", path]
                    + definitions.map { "-D\($0)" })
            compiler.waitUntilExit()
            try #require(compiler.terminationStatus == 0, "fake-gpu.c does not compile")
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

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

    @Test(arguments: ["auto", "cuda", "cuda:0"]) func itIsKnownByItsNumber(_ wish: String) throws {
        #expect(try FakeGPU().load(on: wish).engine.place == "cuda:0")
    }

    @Test func withoutOneAutoIsTheCPU() throws {
        #expect(try FakeGPU("DEVICES=0").load(on: "auto").engine.place == "cpu")
    }

    @Test(arguments: [("DEVICES=1", "cuda:1"), ("DEVICES=0", "cuda")])
    func oneThatIsNotThereIsRefused(devices: String, wish: String) throws {
        let fault = try #require(#expect(throws: Fault.self) { try FakeGPU(devices).load(on: wish) })
        #expect(fault.kind == .configuration)
        let seen = devices.dropFirst("DEVICES=".count)
        #expect(fault.message.contains("infer.device = \"\(wish)\": libtorch 0.0.0 sees \(seen) CUDA devices"))
    }

    @Test func whatWasNotCompiledForItRunsOnTheCPUIfThatIsLeftOpen() throws {
        let gpu = try FakeGPU("LOADING=NOCTURNE_TORCH_BAD_MODEL")
        #expect(try gpu.load(on: "auto").engine.place == "cpu")
        let fault = #expect(throws: Fault.self) { try gpu.load(on: "cuda") }
        #expect(fault?.kind == .configuration)
    }

    @Test(arguments: ["auto", "cuda"]) func oneWithoutRoomForTheModelIsForLater(_ wish: String) throws {
        let fault = #expect(throws: Fault.self) {
            try FakeGPU("LOADING=NOCTURNE_TORCH_OUT_OF_MEMORY").load(on: wish)
        }
        #expect(fault?.kind == .retryLater, "the CPU would give other bytes under the GPU's name")
    }

    @Test func cudaAndItsNumberAreOneVersion() throws {
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

    @Test func batchesAreCutSoThatTheyStayBelowItsSoftLimit() throws {
        // 700 of 1,000 MiB, minus those of the model and of another process.
        for (others, most) in [(0, 60), (200, 40), (500, 10)] {
            let loaded = try FakeGPU("OTHERS=\(others)").load()
            #expect(areDone(try loaded.run(clips(64), length: 10)))
            let cut = try #require(loaded.log.events("batch_cut").first)
            #expect(cut.figures["most"]?.int == most)
            #expect(loaded.log.events("batch_halved").isEmpty)
        }
    }

    @Test func aboveItsSoftLimitBatchesAreHalvedAndSomebodyIsTold() throws {
        let loaded = try FakeGPU("OTHERS=650").load()
        #expect(areDone(try loaded.run(clips(8), length: 10)))
        #expect(loaded.log.events("memory_soft").first?.message.hasPrefix("the device's memory is 75 % used") == true)
        #expect(loaded.log.events("batch_cut").first?.figures["most"] == 4)
    }

    @Test func aboveItsHardLimitTheRunIsForLater() throws {
        let loaded = try FakeGPU("OTHERS=800").load()
        let fault = try #require(#expect(throws: Fault.self) { try loaded.run(clips(1), length: 10) })
        #expect(fault.kind == .retryLater)
        #expect(fault.message.hasPrefix("the device's memory is 90 % used (900 of 1000 MiB)"), "\(fault)")
    }

    @Test func afterABatchThatDidNotFitTheNextAreAsLargeAsFit() throws {
        // 30 clips seem to fit, but only 25 do.
        let loaded = try FakeGPU("OTHERS=300", "SCATTERED=350").load()
        #expect(areDone(try loaded.run(clips(30), length: 10)))
        #expect(loaded.log.events("batch_halved").map { $0.figures["items"]?.int } == [30])
        // What the failed batch had taken by then is not counted against those that ran.
        #expect(areDone(try loaded.run(clips(25), length: 10)))
        #expect(loaded.log.events("batch_cut").isEmpty)
    }

    @Test func aKnownAnswerWithoutRoomIsForLater() throws {
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

    @Test func whenItFailsTheRunEndsAndNoItemIsBlamed() throws {
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
