import Foundation
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
}
