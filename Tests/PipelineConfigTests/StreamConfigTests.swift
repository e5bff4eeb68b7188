import PipelineConfig
import Testing

/// `[stream]`: how stages that run concurrently wait for each other.
@Suite struct StreamConfigTests {
    private func parse(_ text: String) throws -> PipelineConfig {
        try PipelineConfig.parse(
            text: "format = 1\n[fetch]\nsource = \"s3://b/\"\n" + text, fileName: "pipeline.toml")
    }

    private static func expected(_ wait: Double, _ ahead: Int, _ consume: Bool, _ budget: Int?) -> StreamConfig {
        StreamConfig {
            $0.followWait = wait
            $0.maxPartsAhead = ahead
            $0.consume = consume
            $0.diskBudget = budget
        }
    }

    @Test func `without the section nothing is released`() throws {
        #expect(try parse("").stream == Self.expected(60, 8, false, nil))
    }

    @Test func `every key is read`() throws {
        let text = """
            [stream]
            follow_wait = "2 m"
            max_parts_ahead = 3
            consume = true
            disk_budget = "1 GiB"
            """
        let config = try parse(text)
        #expect(
            config.stream == Self.expected(120, 3, true, 1 << 30))
        #expect(!config.stages.contains { $0.stage == "stream" }, "the section is not a stage")
    }

    @Test(arguments: [
        ("[stream]\nmax_parts_ahead = 0", "stream.max_parts_ahead must be an integer from 1"),
        ("[stream]\nfollow_wait = 60", "stream.follow_wait must be a time span"),
        ("[stream]\nconsum = true", "did you mean stream.consume?"),
        ("[stream]\ndisk_budget = \"1 GiB\"", "stream.disk_budget needs consume = true"),
    ])
    func `impossible values are refused`(text: String, expected: String) {
        let fault = #expect(throws: (any Error).self) { try parse(text) }
        #expect(fault.map { "\($0)".contains(expected) } == true, "\(String(describing: fault))")
    }
}
