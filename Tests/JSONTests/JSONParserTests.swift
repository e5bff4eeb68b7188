import JSON
import Testing

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", JSON.null), ("true", true), (" false\r\n\t", false), ("\"\"", ""), ("[]", []), ("{}", [:]),
            ("[1, [2, []], {\"a\": {}}]", [1, [2, []], ["a": [:]]]), ("{\"b\":1,\"a\":2}", ["b": 1, "a": 2]),
        ] as [(String, JSON)])
    func `values of every kind`(_ text: String, _ value: JSON) throws { #expect(try JSON(parsing: text) == value) }

    @Test(
        arguments: [
            ("0", JSON.int(0)), ("-0", .int(0)), ("7", .int(7)), ("9223372036854775807", .int(.max)),
            ("-9223372036854775808", .int(.min)), ("9223372036854775808", .digits("9223372036854775808")),
            ("-1000000000000000000000", .digits("-1000000000000000000000")), ("0.0", .double(0)),
            ("-0.0", .double(-0.0)),
            ("1.0", .double(1)),
            ("1e0", .double(1)), ("1E+2", .double(100)), ("-2.5e-3", .double(-0.0025)),
            ("0e99999999999999999999", .double(0)),
            ("1e-99999999999999999999", .double(0)), ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
            ("5e-324", .double(.leastNonzeroMagnitude)), ("9007199254740993e0", .double(9_007_199_254_740_992)),
            (
                "0.1000000000000000055511151231257827021181583404541015625",
                .digits("0.1000000000000000055511151231257827021181583404541015625")
            ),
            ("123456789012345678901234567890", .digits("123456789012345678901234567890")),
            ("0.10000000000000001", .double(0.1)), ("0.100000000000000000000", .double(0.1)),
            ("-1.234567890123456789E+2", .digits("-1.234567890123456789E+2")), ("1e22", .double(1e22)),
            ("1e23", .double(1e23)), ("8.5e-23", .double(8.5e-23)),
        ] as [(String, JSON)])
    func `numbers keep their kind and their value`(_ text: String, _ value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
        #expect(try JSON(parsing: "[\(text)]") == .array([value]))
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "truefalse", "+1", "01", "-01", "1.", ".5", "-", "-a", "1e", "1e+", "0x10", "1.5.2",
        "NaN",
        "Infinity", "1e309", "-1e999999", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{}}", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "'a'", "\"", "\"a", "\"\\", "\"\\u", "\"\\u12",
        "\"\\u12g4\"", "\"\\x\"", "\"\\U0041\"", "\"a\nb\"", "\"a\u{1F}\"", "\u{FEFF}1", "// 1", "1 2", "\"a\" \"b\"",
        "\u{A0}1",
    ])
    func `what is not JSON is refused`(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
    }

    @Test func `escapes stand for their characters`() throws {
        let text = #""\"\\\/\b\f\n\r\t\u0000\u001F\u00e9\u00E9\u20ac\ud83d\ude00\uFFFF""#
        #expect(try JSON(parsing: text) == "\"\\/\u{8}\u{C}\n\r\t\0\u{1F}éé€😀\u{FFFF}")
    }

    @Test(arguments: [
        #""\ud83d""#, #""\ud83dx""#, #""\ud83d\n""#, #""\ud83d\u0041""#, #""\ud83d\ud83d""#, #""\ude00""#,
        #""\ude00\ud83d""#,
    ])
    func `surrogates stand in pairs`(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80],
            [0xFF], [0xE2, 0x82], [0x61, 0xCC],
        ] as [[UInt8]])
    func `text that is not UTF-8 is refused`(_ bytes: [UInt8]) {
        let quote = [UInt8(ascii: "\"")]
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: quote + bytes + quote) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: quote + Array("\\n".utf8) + bytes + quote) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: Array("{\"".utf8) + bytes + Array("\":1}".utf8)) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: bytes) }
    }

    @Test func `a name occurs once in an object`() throws {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: #"{"a": 1, "b": 2, "\u0061": 3}"#) }
        #expect(error?.offset == 17)
        #expect(error?.description == "the name \"a\" appears twice (byte 17)")
        // NFC and NFD are two names, as they are two items.
        let object = try JSON(parsing: "{\"\u{E9}\": 1, \"e\u{301}\": 2}").object
        #expect(object?["\u{E9}"] == 1)
        #expect(object?["e\u{301}"] == 2)
    }

    @Test func `a name occurs once in a large object, too`() throws {
        let members = (0..<500).map { "\"name-\($0)\": \($0)" }
        let whole = try JSON(parsing: "{\(members.joined(separator: ","))}")
        #expect(whole.object?.members.map(\.name) == (0..<500).map { "name-\($0)" })
        for again in [0, 11, 12, 13, 499] {
            let text = "{\(members.joined(separator: ",")), \"name-\(again)\": 0}"
            #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
        }
        let forms = "{\(members.joined(separator: ",")), \"\u{E9}\": 1, \"e\u{301}\": 2}"
        #expect(try JSON(parsing: forms).object?.members.count == 502)
    }

    @Test func `nesting ends at 64`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSON(parsing: nested(64)) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: nested(64).replacing("[]", with: "[0]")) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: nested(65)) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test(arguments: [
        ("[1,}", 3, "expected a value"), ("{\"a\":tru}", 5, "expected true"), ("\"ab\\q\"", 4, "unknown escape"),
        ("[1e400]", 1, "the number 1e400 is out of range"), ("1 x", 2, "unexpected text after the value"),
    ])
    func `errors name the byte`(_ text: String, _ offset: Int, _ reason: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
        #expect(error?.offset == offset)
        #expect(error?.reason == reason)
    }

    @Test func `bytes are taken from any collection`() throws {
        let bytes = Array("  [1]  ".utf8)
        #expect(try JSON(parsing: bytes[2..<5]) == [1])
        #expect(try JSON(parsing: bytes.lazy.map { $0 }) == [1])
        #expect(try JSON(parsing: ContiguousArray(bytes)) == [1])
        #expect(try bytes.withUnsafeBytes { try JSON(parsing: UnsafeRawBufferPointer(rebasing: $0[1..<6])) } == [1])
    }
}
