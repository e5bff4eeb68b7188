import TOMLText
import Testing

struct KeyLinesTests {
    /// Everything that can hide a key, or look like one.
    private static let text = #"""
        top = 1  # not = a key
        # [no] header
        [a]
        x = [ "]", '''
          y = 2
          ''', # z = 3
          4 ]
        "quoted key" = { b = 1, c = { "d e" = [1, {no = 1}], f.g = 'h' } }
        text = """
        [b]
        k = 1 \""" ""x"""""
        "es\u0063aped" = 1979-05-27 07:32:00
        dotted . key = true

        [ a . 'in ner' ] # [c]
        last = ''
        [[list]]
        n = 1
        [[list]]
        n = 2
        [end]
        of = "text"
        """#

    @Test func `each key is found on its line`() throws {
        let lines = try TOMLDocument(parsing: Self.text).lines
        let expected: [([String], Int)] = [
            (["top"], 1), (["a"], 3), (["a", "x"], 4), (["a", "quoted key"], 8), (["a", "quoted key", "b"], 8),
            (["a", "quoted key", "c", "d e"], 8), (["a", "quoted key", "c", "f", "g"], 8), (["a", "text"], 9),
            (["a", "escaped"], 12), (["a", "dotted"], 13), (["a", "dotted", "key"], 13), (["a", "in ner"], 15),
            (["a", "in ner", "last"], 16), (["list"], 17), (["list", "[0]"], 17),
            (["list", "[0]", "n"], 18), (["list", "[1]"], 19), (["list", "[1]", "n"], 20), (["end"], 21),
            (["end", "of"], 22),
        ]
        for (path, line) in expected { #expect(lines.line(of: path) == line, "\(path)") }
        for path in [["no"], ["b"], ["c"], ["a", "y"], ["a", "z"], ["a", "k"], ["not"]] {
            #expect(lines.line(of: path) == nil, "\(path)")
        }
    }

    @Test func `windows line ends count as one line`() throws {
        let lines = try TOMLDocument(parsing: "a = 1\r\n[b]\r\nc = [\r\n1,\r\n]\r\nd = 2\r\n").lines
        #expect(lines.line(of: ["a"]) == 1)
        #expect(lines.line(of: ["b", "c"]) == 3)
        #expect(lines.line(of: ["b", "d"]) == 6)
    }

    @Test(arguments: ["[", "a", "a =", "a = {", "a = [1", "a = \"", "= 1", "[a", "a = '''", "\"\\", "a.", "[[a]"])
    func `a text that is not TOML does not hang or crash the scanner`(text: String) {
        #expect(KeyLines(of: text).line(of: ["z"]) == nil)
    }
}
