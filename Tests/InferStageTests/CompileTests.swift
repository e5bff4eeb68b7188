import Fault
import Foundation
import InferStage
import JSON
import Models
import TestKit
import TestModels
import Testing

/// pipelines/models/compile.py, as a user runs it.
@Suite(.tags(.slow)) struct CompileTests {
    /// Compiles the fixture `masked` again, in a models folder of the test's own.
    private func compile(_ factory: String, in models: ModelCopy, _ arguments: String...) throws -> Finished {
        var program = Program(
            [
                Checkout.path(".deps/venv/bin/python"), Checkout.path("pipelines/models/compile.py"),
                "\(ModelFixtures.folder)/factories.py:\(factory)", "--original", "\(models.folder)/masked/1",
                "--lengths", "5,17,40,129",
            ] + arguments)
        program.limit = 1800
        return try program.run()
    }

    @Test func `a compiled package serves in the original's place`() throws {
        let models = try ModelCopy("masked")
        let done = try compile("masked", in: models, "--version", "1-fast", "--precision", "bfloat16")
        #expect(done.code == 0, "\(done)")
        let package = try ModelPackage("masked@1-fast", in: ModelRegistry(folder: models.folder))
        #expect(package.isCompiled)
        let report = try JSON(
            parsing: String(contentsOfFile: "\(models.folder)/masked/1-fast/parity.json", encoding: .utf8))
        #expect(report["precision"] == "bfloat16")
        #expect(report["items"] == 8)
        let worst = try #require(report["worst_score_difference"]?.double)
        // The other precision has an effect, but a small one.
        #expect(worst > 0 && worst < 0.05)

        // infer registers it, finds its known answer and gives the original's scores.
        let clips = [Clip.random("a", frames: 30, seed: 1), Clip.random("b", frames: 77, seed: 2)]
        let batch = try FeatureBatch([clips])
        let fast = try FeatureBatch.results(batch.infer(FeatureBatch.config("masked@1-fast"), models: models.folder))
        let original = try FeatureBatch.results(batch.infer(FeatureBatch.config("masked@1"), models: models.folder))
        for clip in clips {
            let (a, b) = (fast[clip.id]?["score"]?.double, original[clip.id]?["score"]?.double)
            #expect(abs((a ?? 0) - (b ?? 1)) < 0.05)
        }

        // A version is never overwritten.
        let again = try compile("masked", in: models, "--version", "1-fast")
        #expect(again.code == 2)
        #expect(again.err.contains("1-fast exists; versions are never changed"))
    }

    @Test func `a model that answers otherwise is not registered`() throws {
        let models = try ModelCopy("masked")
        let done = try compile("strayed", in: models, "--version", "1-fast")
        #expect(done.code == 1)
        #expect(done.err.contains("the worst score is off by"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(models.folder)/masked") == ["1"])
    }
}
