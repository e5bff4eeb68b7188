import PipelineConfig
import Testing

/// `[gc]`: what `batches gc` keeps.
@Suite struct RetentionTests {
    private let smallest = "format = 1\n[fetch]\nsource = \"s3://b/\"\n"

    private func retention(_ text: String) throws -> Retention {
        try PipelineConfig.parse(text: smallest + text, fileName: "pipeline.toml").retention
    }

    private static func expected(_ keep: Int, _ raw: Double?, _ unsealed: Double) -> Retention {
        Retention {
            $0.keep = keep
            $0.raw = raw
            $0.unsealed = unsealed
        }
    }

    @Test func `without the section two versions and all raw objects are kept`() throws {
        #expect(try retention("") == Self.expected(2, nil, 86400))
    }

    @Test func `every key is read`() throws {
        let text = "[gc]\nkeep = 5\nraw = \"90 d\"\nunsealed = \"36 h\""
        #expect(try retention(text) == Self.expected(5, 90 * 86400, 129_600))
    }

    @Test func `the section is not a stage`() throws {
        let config = try PipelineConfig.parse(text: smallest + "[gc]\nkeep = 1", fileName: "pipeline.toml")
        #expect(!config.stages.contains { $0.stage == "gc" })
    }

    @Test(arguments: [
        ("[gc]\nkeep = 0", "gc.keep must be an integer from 1"), ("[gc]\nraw = 90", "gc.raw must be a time span"),
        ("[gc]\nkepp = 1", "did you mean gc.keep?"), ("gc = 1", "gc must be a table, not 1"),
    ])
    func `impossible values are refused`(text: String, expected: String) {
        // A key outside every section comes before them.
        let whole = text.hasPrefix("[") ? smallest + text : "format = 1\n\(text)\n[fetch]\nsource = \"s3://b/\"\n"
        let fault = #expect(throws: (any Error).self) {
            try PipelineConfig.parse(text: whole, fileName: "pipeline.toml")
        }
        #expect(fault.map { "\($0)".contains(expected) } == true, "\(String(describing: fault))")
    }
}
