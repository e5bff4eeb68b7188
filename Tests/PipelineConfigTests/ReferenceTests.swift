import Foundation
import JSON
import PipelineConfig
import TestKit
import Testing

/// Keeps the tables of docs/configuration.md equal to the declarations.
struct ReferenceTests {
    private static let page = URL(filePath: Checkout.path("docs/configuration.md"))

    @Test func `the tables in the documentation say what the declarations say`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- reference: begin -->\n"))
        let end = try #require(text.range(of: "<!-- reference: end -->"))
        let written = String(text[begin.upperBound..<end.lowerBound])
        let made = "\n" + Reference.markdown() + "\n"
        if written != made, ProcessInfo.processInfo.environment["NOCTURNE_RECORD"] != nil {
            let updated = text[..<begin.upperBound] + made + text[end.lowerBound...]
            try updated.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        // Recording also fails, so that it cannot be mistaken for a pass.
        let differing = zip(written.split(separator: "\n"), made.split(separator: "\n")).first { $0 != $1 }
        #expect(
            written == made, "run again with NOCTURNE_RECORD=1; the first difference: \(String(describing: differing))")
    }

    @Test func `the page's examples are configurations`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let blocks = text.components(separatedBy: "```toml\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        #expect(blocks.count == 5)
        _ = try parse(blocks[0])
        let extended = try parse(blocks[0] + blocks[1] + blocks[2] + blocks[3] + blocks[4])
        #expect(extended.retention == Retention { $0.raw = 90 * 86400 })
        let stream = StreamConfig {
            $0.consume = true
            $0.diskBudget = 20 << 30
        }
        #expect(extended.stream == stream)
        #expect(
            extended.stages.map(\.stage)
                == ["fetch", "clean", "featurize", "infer", "transcribe", "translate", "store"])
    }

    @Test func `the page's error messages are those of the program`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let block = text.components(separatedBy: "```text\n")[1].components(separatedBy: "```")[0]
        let config = """
            format = 1
            [fetch]
            source = "recordings"
            [infer]
            model = "digits@3"
            [clean]
            sampel_rate = 16000
            mel_bins = 80
            """
        let message = messageOfFault {
            try PipelineConfig.parse(
                text: config, fileName: "pipelines/digits/pipeline.toml", overrides: ["clean.resampler=soxr-hg"])
        }
        #expect(message + "\n" == block)
    }

    /// What a stage's table in the reference gives for keys that mean something for every kind.
    private static func rows(of section: String) throws -> [(key: String, value: String, example: String?)] {
        let part = try #require(Reference.markdown().components(separatedBy: "### [\(section)]\n").last)
        return part.components(separatedBy: "\n###")[0].split(separator: "\n").dropFirst(2).compactMap { line in
            let cells = line.components(separatedBy: " | ")
            guard cells.count == 5, !line.contains("(only for ") else { return nil }
            func code(_ text: String?) -> String? { text?.components(separatedBy: "`").dropFirst().first }
            let example = line.components(separatedBy: ". Example: ").dropFirst().last
            return (key: code(cells[0]) ?? "", value: code(cells[2]) ?? "", example: code(example))
        }
    }

    @Test(arguments: ["fetch", "clean", "featurize", "infer", "store"])
    func `defaults written out are the same configuration, and examples are accepted`(section: String) throws {
        let rows = try Self.rows(of: section)
        #expect(rows.count > 5)
        let plain = try parse(smallest).stage(named: section)
        let written = rows.filter { !$0.value.isEmpty }.map { "\(section).\($0.key)=\($0.value)" }
        func stage(_ overrides: [String]) throws -> StageConfig {
            try PipelineConfig.parse(text: smallest, fileName: "pipeline.toml", overrides: overrides)
                .stage(named: section)
        }
        #expect(try stage(written).effective == plain.effective)
        for row in rows {
            guard let example = row.example else { continue }
            #expect(try stage(["\(section).\(row.key)=\(example)"]).effective[row.key] != plain.effective[row.key])
        }
    }
}
