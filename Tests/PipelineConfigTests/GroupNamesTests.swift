import PipelineConfig
import Testing

struct GroupNamesTests {
    @Test(arguments: [
        ("^(?<device>[^/]+)/", ["device"]), ("(?P<a>x)(y)(?:z)(?<b>w)", ["a", "b"]), ("(?<=x)y(?<!z)", []),
        (#"\(?<no>"#, []), (#"\\(?<yes>x)"#, ["yes"]), ("", []), ("(?<", []),
    ])
    func `named groups are found, look-behinds and escaped brackets are not`(pattern: String, names: [String]) {
        #expect(GroupNames.of(pattern) == names)
    }

    @Test func `a pattern with a named group is accepted in either spelling`() throws {
        for pattern in ["^(?<device>[^/]+)/", "^(?P<device>[^/]+)/"] {
            let config = try parse(smallest, "fetch.id_pattern=\(pattern)")
            #expect(try config.fetch.idPattern == pattern)
        }
    }
}
