import TestModels
import Testing
import TorchModel

@Suite struct TorchScriptTests {
    @Test func `a model runs a batch with lengths`() throws {
        let model = try ModelFixtures.model("masked")
        let outputs = try run(model, ramp(2 * 6 * 4), [2, 6, 4], lengths: [6, 3])
        #expect(outputs.shapes == [[2, 3]])
        #expect(outputs.values[0].allSatisfy { $0.isFinite })
    }

    @Test func `an item alone and padded gets the same answer`() throws {
        let model = try ModelFixtures.model("masked")
        let item = ramp(3 * 4)
        let alone = try run(model, item, [1, 3, 4], lengths: [3]).values[0]
        let padded = try run(model, item + [Float](repeating: 5, count: 5 * 4), [1, 8, 4], lengths: [3]).values[0]
        #expect(distance(alone, padded) <= 1e-6)
    }

    @Test func `a model gives the same bytes every time`() throws {
        // The profiling executor would recompile the graph after the first runs.
        let model = try ModelFixtures.model("masked")
        let input = ramp(4 * 50 * 4)
        let first = try run(model, input, [4, 50, 4], lengths: [50, 40, 30, 20]).values[0]
        for _ in 0..<5 {
            #expect(try run(model, input, [4, 50, 4], lengths: [50, 40, 30, 20]).values[0] == first)
        }
    }

    @Test func `a model gives every tensor of a tuple`() throws {
        let outputs = try run(ModelFixtures.model("two-outputs"), ramp(2 * 6 * 4), [2, 6, 4], lengths: [6, 3])
        #expect(outputs.shapes == [[2, 3], [2, 8]])
    }

    @Test func `dictionaries and named tuples name their tensors`() throws {
        for (name, names) in [
            ("named", ["activity", "frames", "vector", "word"]), ("fields", ["word", "speakers"]),
            ("two-outputs", [nil, nil]),
        ] as [(String, [String?])] {
            let outputs = try run(ModelFixtures.model(name), ramp(2 * 6 * 4), [2, 6, 4], lengths: [6, 3])
            #expect(outputs.names == names)
        }
    }

    @Test func `a model gives integers as floats`() throws {
        let outputs = try run(ModelFixtures.model("tokens"), ramp(1 * 5 * 4), [1, 5, 4], lengths: [5])
        #expect(outputs.shapes == [[1, 3, 4], [1]])
        #expect(outputs.values[1] == [3])
    }

    @Test func `a model computes in bfloat16`() throws {
        let input = ramp(2 * 6 * 4)
        let full = try run(ModelFixtures.model("masked"), input, [2, 6, 4], lengths: [6, 3]).values[0]
        let half = try run(
            ModelFixtures.model("masked", precision: .bfloat16), input, [2, 6, 4], lengths: [6, 3], as: .bfloat16
        ).values[0]
        #expect(half != full)
        #expect(distance(half, full) < 0.02)
    }

    @Test func `an error of the model is reported and the model stays usable`() throws {
        let model = try ModelFixtures.model("faulty")
        var input = ramp(6 * 4)
        let before = try run(model, input, [1, 6, 4], lengths: [6]).values[0]
        let good = input
        input[5] = 9999
        var caught: TorchError?
        do { _ = try run(model, input, [1, 6, 4], lengths: [6]) } catch let error as TorchError { caught = error }
        guard case .failed(let text) = caught else {
            Issue.record("expected a failure, got \(String(describing: caught))")
            return
        }
        #expect(text.contains("a recording that this model cannot take"))
        #expect(try run(model, good, [1, 6, 4], lengths: [6]).values[0] == before)
    }

    @Test func `running out of memory is recognized`() throws {
        let model = try ModelFixtures.model("hungry")
        var caught: TorchError?
        do { _ = try run(model, ramp(3 * 4 * 4), [3, 4, 4], lengths: [4, 4, 4]) } catch let error as TorchError {
            caught = error
        }
        guard case .outOfMemory = caught else {
            Issue.record("expected out of memory, got \(String(describing: caught))")
            return
        }
        #expect(try run(model, ramp(2 * 4 * 4), [2, 4, 4], lengths: [4, 4]).shapes == [[2, 3]])
    }

    @Test func `wrong shapes are errors`() throws {
        let model = try ModelFixtures.model("masked")
        #expect(throws: TorchError.self) { _ = try run(model, ramp(2 * 6 * 5), [2, 6, 5], lengths: [6, 3]) }
        #expect(throws: TorchError.self) { _ = try run(model, ramp(2 * 6 * 4), [2, 6, 4]) }
        // The shape says more than there is: detected before libtorch reads past the end.
        #expect(throws: TorchError.self) { _ = try run(model, ramp(4), [2, 6, 4], lengths: [6, 3]) }
        #expect(throws: TorchError.self) { _ = try run(model, ramp(2 * 6 * 4), [2, 6, 4], lengths: [6]) }
    }

    @Test func `a file that is not a model is a bad model`() throws {
        let options = TorchModel.Options(path: "\(ModelFixtures.folder)/make_models.py", format: .torchScript)
        var caught: TorchError?
        do { _ = try TorchModel(options, with: ModelFixtures.library.get()) } catch let error as TorchError {
            caught = error
        }
        guard case .badModel = caught else {
            Issue.record("expected a bad model, got \(String(describing: caught))")
            return
        }
    }

    @Test func `a device that is not there is refused`() throws {
        var options = ModelFixtures.options("masked")
        options.device = "cuda:99"
        #expect(throws: TorchError.self) { _ = try TorchModel(options, with: ModelFixtures.library.get()) }
    }
}
