import TOMLText
import Testing

struct TOMLDocumentTests {
    @Test func `members keep the order of the file`() throws {
        let root = try TOMLDocument(parsing: "z = 1\n[m]\nb = 1\na = 2\n[c]\n[m.a2]\n").root
        #expect(root.members.map(\.name) == ["z", "m", "c"])
        guard case .table(let table) = root["m"] else {
            Issue.record("m is not a table")
            return
        }
        #expect(table.members.map(\.name) == ["b", "a", "a2"])
    }

    @Test func `every type comes through`() throws {
        let text = """
            string = "a\\tb \\U0001F399"
            int = -9223372036854775808
            hex = 0xFF
            double = 1e3
            infinite = -inf
            bool = false
            offset = 1979-05-27T07:32:00.250-07:30
            zulu = 1979-05-27T07:32:00Z
            local = 1979-05-27T07:32:00
            day = 1979-05-27
            time = 07:32:00
            array = [1, [2.5], {a = "b"}]
            """
        let expected: [(String, TOMLNode)] = [
            ("string", "a\tb 🎙"), ("int", .int(.min)), ("hex", 255), ("double", .double(1000)),
            ("infinite", .double(-.infinity)), ("bool", false), ("offset", .moment("1979-05-27T07:32:00.25-07:30")),
            ("zulu", .moment("1979-05-27T07:32:00Z")), ("local", .moment("1979-05-27T07:32:00")),
            ("day", .moment("1979-05-27")), ("time", .moment("07:32:00")),
            ("array", .array([1, .array([2.5]), .table(TOMLMembers([("a", "b")]))])),
        ]
        let root = try TOMLDocument(parsing: text).root
        #expect(root.members.count == expected.count)
        for (name, node) in expected { #expect(root[name] == node, "\(name)") }
    }

    @Test(arguments: [
        ("a = 1\na = 2", 2, 5), ("a = ", 1, 5), ("\n\n[a\n", 3, 3), ("a = 1\0\nb = 2", 1, 6),
        ("a = 1\nb = \"\\u0000\"", 2, 6), ("[", 1, 2), ("[\na = 1", 1, 2), ("a = 1\n [ü]\n", 2, 3), ("[[ ]]", 1, 4),
        ("a = \"\"\"\n[!\n\"\"\"\n[[=]]", 4, 3),
    ])
    func `what is not TOML is refused with its place`(text: String, line: Int, column: Int) {
        let error = #expect(throws: TOMLDocument.SyntaxError.self) { try TOMLDocument(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.reason.isEmpty == false)
    }

    @Test(
        arguments: [
            ("8", .int(8)), ("\"8\"", "8"), ("true", true), ("[1]", .array([1])), ("8\nb = 1", nil),
            ("8\n[value]", nil),
            ("digits@3", nil), ("", nil), ("2026-11-20", .moment("2026-11-20")),
        ] as [(String, TOMLNode?)])
    func `one value is read by itself, and nothing but one value`(text: String, expected: TOMLNode?) {
        #expect(TOMLDocument.value(parsing: text) == expected)
    }

    @Test(arguments: [
        ("plain", "plain"), ("quote \" and \\", "quote \" and \\"),
        ("line\nbreak\u{7F}\u{1}", "line\nbreak\u{7F}\u{1}"),
    ])
    func `a node is written as a file would hold it`(text: String, expected: String) {
        #expect(TOMLDocument.value(parsing: TOMLNode.string(text).written) == .string(expected))
    }

    @Test func `a key path is written as a file would hold it`() {
        #expect(dotted(["clean", "fields", "gain (dB)", ""]) == "clean.fields.\"gain (dB)\".\"\"")
    }
}
