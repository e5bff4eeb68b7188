import Foundation
import TestKit
import TestModels
import Testing
import TorchModel

@Suite(.tags(.slow)) struct AOTInductorTests {
    private func options(_ name: String, scratch: String? = nil) throws -> TorchModel.Options {
        TorchModel.Options(
            path: "\(try ModelFixtures.compiledFolder.get())/\(name)/1/model.pt2", format: .aotInductor,
            scratchFolder: scratch)
    }

    @Test func `a compiled model gives the answer of the TorchScript model`() throws {
        let input = ramp(3 * 40 * 4)
        let expected = try run(ModelFixtures.model("masked"), input, [3, 40, 4], lengths: [40, 33, 7]).values[0]
        let compiled = try TorchModel(options("compiled"), with: ModelFixtures.library.get())
        let actual = try run(compiled, input, [3, 40, 4], lengths: [40, 33, 7])
        #expect(actual.shapes == [[3, 3]])
        #expect(distance(actual.values[0], expected) <= 1e-5)
    }

    @Test func `a compiled model runs in the type it was compiled for`() throws {
        let input = ramp(2 * 40 * 4)
        let expected = try run(ModelFixtures.model("masked"), input, [2, 40, 4], lengths: [40, 33]).values[0]
        let compiled = try TorchModel(options("compiled-bfloat16"), with: ModelFixtures.library.get())
        let actual = try run(compiled, input, [2, 40, 4], lengths: [40, 33], as: .bfloat16).values[0]
        #expect(actual != expected)
        #expect(distance(actual, expected) < 0.02)
        // Compiled packages do not convert: without the shim's check this would read the wrong bytes.
        #expect(throws: TorchError.self) { _ = try run(compiled, input, [2, 40, 4], lengths: [40, 33]) }
    }

    @Test func `wrong shapes are errors, not reads past the end`() throws {
        let compiled = try TorchModel(options("compiled"), with: ModelFixtures.library.get())
        #expect(throws: TorchError.self) { _ = try run(compiled, ramp(2 * 8 * 3), [2, 8, 3], lengths: [8, 8]) }
        #expect(throws: TorchError.self) { _ = try run(compiled, ramp(2 * 8 * 5), [2, 8, 5], lengths: [8, 8]) }
        #expect(throws: TorchError.self) { _ = try run(compiled, ramp(2 * 8 * 4), [2, 8, 4]) }
        #expect(try run(compiled, ramp(2 * 8 * 4), [2, 8, 4], lengths: [8, 8]).shapes == [[2, 3]])
    }

    @Test func `a compiled model leaves nothing in the scratch folder`() throws {
        let scratch = try ScratchFolder()
        let compiled = try TorchModel(options("compiled", scratch: scratch.path), with: ModelFixtures.library.get())
        // Removed by now, so that a process killed while it infers leaves nothing either.
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [])
        #expect(try run(compiled, ramp(2 * 8 * 4), [2, 8, 4], lengths: [8, 8]).shapes == [[2, 3]])
    }

    @Test func `a scratch folder that is not there is named`() throws {
        let options = try options("compiled", scratch: "/nowhere/at/all")
        let error = #expect(throws: TorchError.self) { _ = try TorchModel(options, with: ModelFixtures.library.get()) }
        // The machine is at fault, not the model.
        guard case .failed(let text) = error else {
            Issue.record("expected a failure, got \(String(describing: error))")
            return
        }
        #expect(text.contains("/nowhere/at/all"))
    }

    @Test func `any other ZIP is a bad model`() throws {
        var options = try options("compiled")
        options.path = "\(ModelFixtures.folder)/masked/1/model.pt"
        let error = #expect(throws: TorchError.self) { _ = try TorchModel(options, with: ModelFixtures.library.get()) }
        guard case .badModel(let text) = error else {
            Issue.record("expected a bad model, got \(String(describing: error))")
            return
        }
        #expect(text.contains("0 AOTInductor models"))
    }

    @Test func `packages load side by side`() async throws {
        let options = try options("compiled")
        let library = try ModelFixtures.library.get()
        let input = ramp(2 * 8 * 4)
        let answers = await withTaskGroup(of: [Float].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    guard let model = try? TorchModel(options, with: library) else { return [] }
                    return (try? run(model, input, [2, 8, 4], lengths: [8, 5]).values[0]) ?? []
                }
            }
            return await group.reduce(into: [[Float]]()) { $0.append($1) }
        }
        #expect(answers.count == 4)
        #expect(answers.allSatisfy { $0 == answers[0] && $0.count == 6 })
    }
}
