import JSON
import Testing

@Suite struct JSONMembersTests {
    private func members(_ text: String) throws -> [[String]] {
        var found: [[String]] = []
        try Array(text.utf8).withUnsafeBufferPointer { bytes in
            try JSON.forEachMember(of: bytes) { (name, value) throws(JSONSyntaxError) in
                found.append([String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)])
            }
        }
        return found
    }

    @Test func `members are handed over as they are written`() throws {
        let text = #" { "a" : {"b": [1, "]}", {"c": null}]} ,"d\n":"x\"y", "é": -1.50e2, "t": true} "#
        #expect(
            try members(text) == [
                ["a", #"{"b": [1, "]}", {"c": null}]}"#], [#"d\n"#, #""x\"y""#], ["é", "-1.50e2"], ["t", "true"],
            ])
        #expect(try members("{}").isEmpty)
    }

    @Test(
        arguments: [
            "", "[]", "1", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1} x", "{\"a\":[1,]}",
            "{\"a\":{\"b\":tru}}",
            "{\"a\":\"x}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud800\"}", "{\"a\":01}", "{\"a\":\"\n\"}", "{a:1}",
            "{\"a\":" + String(repeating: "[", count: 70) + String(repeating: "]", count: 70) + "}",
            #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#, #"{"\n":1,"\u000a":2}"#, #"{"x":{"a":1,"a":1}}"#,
            #"{"x":[{"a":{"b":1,"b":1}}]}"#,
            "{" + (0..<70).map { "\"m\($0)\":0" }.joined(separator: ",") + ",\"m69\":1}",
        ])
    func `what the parser refuses is refused here, too`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try members(text) }
        #expect(text == "[]" || text == "1" || (try? JSON(parsing: text)) == nil)
    }

    @Test func `a name may occur again in another object`() throws {
        let text = #"{"a":{"a":{"a":1},"b":{"a":2}},"b":[{"a":1},{"a":1}],"\u0063":{"a":0}}"#
        #expect(try members(text).map { $0[0] } == ["a", "b", #"\u0063"#])
        let many = "{" + (0..<70).map { "\"m\($0)\":{\"m\":0}" }.joined(separator: ",") + "}"
        #expect(try members(many).count == 70)
    }

    @Test func `what is not UTF-8 is refused`() {
        let bytes = Array("{\"a\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        #expect(throws: JSONSyntaxError.self) {
            try bytes.withUnsafeBufferPointer { bytes in try JSON.forEachMember(of: bytes) { (_, _) in } }
        }
    }
}
