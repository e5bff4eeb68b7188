import BatchFormat
import Fault
import FeaturizeStage
import Foundation
import JSON
import PipelineConfig
import Signal
import StageRun
import Testing

@Suite struct StatisticsTests {
    let batch: CleanedBatch
    let clips = (1...9).map { FeaturizeTests.clip("\($0).wav", $0 == 4 ? 100 : 2000 + 777 * $0) }

    init() throws { batch = try CleanedBatch([Array(clips[..<5]), Array(clips[5...])]) }

    private func fit(_ name: String, jobs: Int = 2, _ lines: String...) throws -> String {
        let file = batch.path(name)
        let config = try CleanedBatch.config(lines.joined(separator: "\n"))
        try Featurize.fitStatistics(
            config, request: batch.request(), context: CleanedBatch.context(jobs: jobs), into: file)
        return file
    }

    private func run(_ lines: String...) throws -> StageOutcome {
        let config = try CleanedBatch.config(lines.joined(separator: "\n"), "max_reject_ratio = 1")
        return try StageRunner(batch.request(), CleanedBatch.context()).run(Featurize(config))
    }

    private func global(_ file: String) -> String { "normalize = \"global\"\nstatistics = \"\(file)\"" }

    @Test func `statistics are those of the whole batch`() throws {
        let file = try fit("stats.json")
        let json = try JSON(parsing: try Data(contentsOf: URL(fileURLWithPath: file)))
        var whole: [Float] = []
        for clip in clips { whole += try KaldiFbank().features(of: clip.samples.span) }
        var exact = FeatureStatistics(bins: 80)
        exact.add(whole.span)

        #expect(json["items"] == 8)
        #expect(json["frames"]?.int == exact.frames)
        let means = json["mean"]?.array?.compactMap(\.double) ?? []
        let deviations = json["standard_deviation"]?.array?.compactMap(\.double) ?? []
        #expect(means.count == 80)
        #expect(deviations.count == 80)
        #expect(zip(means, exact.means).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(zip(deviations, exact.standardDeviations).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test func `statistics do not depend on the workers`() throws {
        let one = try Data(contentsOf: URL(fileURLWithPath: fit("one.json", jobs: 1)))
        let four = try Data(contentsOf: URL(fileURLWithPath: fit("four.json", jobs: 4)))
        #expect(one == four)
    }

    @Test func `statistics bring the batch to a mean of zero and a spread of one`() throws {
        let outcome = try run(global(try fit("stats.json")))
        let version = try VersionReader(outcome.path)
        var whole: [Float] = []
        for index in 0..<2 {
            let file = try version.part(index).tensors("features.safetensors")
            for id in file.names { whole += try #require(file.tensor(id)).floats }
        }
        var normalised = FeatureStatistics(bins: 80)
        normalised.add(whole.span)
        #expect(normalised.means.allSatisfy { abs($0) < 1e-5 })
        #expect(normalised.standardDeviations.allSatisfy { abs($0 - 1) < 1e-3 })
    }

    @Test func `statistics enter the parts' keys by their content`() throws {
        let file = try fit("stats.json")
        let first = try run(global(file))
        #expect(try run(global(file)).path == first.path)
        // Another layout of the same content is the same statistics.
        let json = try JSON(parsing: try Data(contentsOf: URL(fileURLWithPath: file)))
        try Data(json.bytes(.compact)).write(to: URL(fileURLWithPath: file))
        #expect(try run(global(file)).path == first.path)

        var object = try #require(json.object)
        object["mean"] = .array([JSON](repeating: 0.5, count: 80))
        try Data(JSON.object(object).bytes(.pretty)).write(to: URL(fileURLWithPath: file))
        let second = try run(global(file))
        #expect(second.path != first.path)
        #expect(second.made == 2)
    }

    @Test func `statistics of other features are refused`() throws {
        let file = try fit("stats.json", "mel_bins = 40")
        let fault = #expect(throws: Fault.self) { try run(global(file)) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("were fitted on mel_bins = 40, the pipeline has 80") == true)
    }

    @Test func `statistics without settings are matched by their bins`() throws {
        let file = batch.path("foreign.json")
        func write(_ count: Int, _ features: String = "{\"kind\": \"kaldi-fbank\", \"sample_rate\": 16000.0}") throws {
            let numbers = "[" + [String](repeating: "1.5", count: count).joined(separator: ", ") + "]"
            let text = """
                {"format": 1, "kind": "feature-statistics", "features": \(features),
                 "mean": \(numbers), "standard_deviation": \(numbers)}
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        }
        try write(80)
        #expect(try run(global(file)).status == .current)
        try write(79)
        #expect(#expect(throws: Fault.self) { try run(global(file)) }?.message.contains("are of 79 bins") == true)
        try write(80, "{\"kind\": \"kaldi-mfcc\"}")
        #expect(#expect(throws: Fault.self) { try run(global(file)) }?.kind == .configuration)
    }

    @Test(arguments: [
        "", "[]", "{}", "{\"kind\": \"feature-statistics\", \"format\": 2}",
        "{\"kind\": \"feature-statistics\", \"format\": 1}",
        "{\"kind\": \"feature-statistics\", \"format\": 1, \"features\": {\"kind\": \"waveform\"}, \"mean\": [1]}",
        "{\"kind\": \"feature-statistics\", \"format\": 1, \"features\": {\"kind\": \"waveform\"}, \"mean\": [1], "
            + "\"standard_deviation\": [-1]}",
        "{\"kind\": \"feature-statistics\", \"format\": 1, \"features\": {\"kind\": \"waveform\"}, \"mean\": [\"a\"], "
            + "\"standard_deviation\": [1]}",
    ])
    func `invalid statistics are a configuration error`(text: String) throws {
        let file = batch.path("bad.json")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let fault = #expect(throws: Fault.self) { try run(global(file)) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("bad.json") == true)
    }

    @Test func `statistics that are not there are missing`() throws {
        let fault = #expect(throws: Fault.self) { try run(global(batch.path("none.json"))) }
        #expect(fault?.kind == .missing)
        #expect(fault?.message.contains("--fit-statistics") == true)
    }

    @Test func `statistics cannot be fitted on nothing`() throws {
        let empty = try CleanedBatch([[FeaturizeTests.clip("short.wav", 10)]])
        let fault = #expect(throws: Fault.self) {
            try Featurize.fitStatistics(
                try CleanedBatch.config(), request: empty.request(), context: CleanedBatch.context(),
                into: empty.path("stats.json"))
        }
        #expect(fault?.kind == .missing)
    }
}
