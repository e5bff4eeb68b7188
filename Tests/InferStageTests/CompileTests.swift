import Fault
import Foundation
import InferStage
import JSON
import ModelFixtures
import Models
import Testing

/// pipelines/models/compile.py, as a user runs it.
@Suite struct CompileTests {
    /// Compiles the fixture `masked` anew, in a models folder of the test's own.
    private func compile(_ factory: String, in models: ModelCopy, _ arguments: String...) throws -> (Int32, String) {
        let python = Process()
        let errors = Pipe()
        python.executableURL = ModelFixtures.repository.appending(path: ".deps/venv/bin/python")
        python.arguments =
            [
                ModelFixtures.repository.appending(path: "pipelines/models/compile.py").path,
                "\(ModelFixtures.folder)/factories.py:\(factory)", "--original", "\(models.folder)/masked/1",
                "--lengths", "5,17,40,129",
            ] + arguments
        python.standardOutput = FileHandle.nullDevice
        python.standardError = errors
        try python.run()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        python.waitUntilExit()
        return (python.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    @Test func aCompiledPackageServesInTheOriginalsPlace() throws {
        let models = try ModelCopy("masked")
        let (status, said) = try compile("masked", in: models, "--version", "1-fast", "--precision", "bfloat16")
        #expect(status == 0, "\(said)")
        let package = try ModelPackage("masked@1-fast", in: ModelRegistry(folder: models.folder))
        #expect(package.isCompiled)
        let report = try JSON(
            parsing: String(contentsOfFile: "\(models.folder)/masked/1-fast/parity.json", encoding: .utf8))
        #expect(report["precision"] == "bfloat16")
        #expect(report["items"] == 8)
        let worst = try #require(report["worst_score_difference"]?.double)
        // Another precision shows, and stays small.
        #expect(worst > 0 && worst < 0.05)

        // infer registers it, finds its known answer and scores as the original does.
        let clips = [Clip.random("a", frames: 30, seed: 1), Clip.random("b", frames: 77, seed: 2)]
        let batch = try FeatureBatch([clips])
        let fast = try FeatureBatch.results(batch.infer(FeatureBatch.config("masked@1-fast"), models: models.folder))
        let original = try FeatureBatch.results(batch.infer(FeatureBatch.config("masked@1"), models: models.folder))
        for clip in clips {
            let (a, b) = (fast[clip.id]?["score"]?.double, original[clip.id]?["score"]?.double)
            #expect(abs((a ?? 0) - (b ?? 1)) < 0.05)
        }

        // A version is never written over.
        let again = try compile("masked", in: models, "--version", "1-fast")
        #expect(again.0 == 2)
        #expect(again.1.contains("1-fast exists; versions are never changed"))
    }

    @Test func aModelThatAnswersOtherwiseIsNotRegistered() throws {
        let models = try ModelCopy("masked")
        let (status, said) = try compile("strayed", in: models, "--version", "1-fast")
        #expect(status == 1)
        #expect(said.contains("the worst score is off by"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(models.folder)/masked") == ["1"])
    }
}
