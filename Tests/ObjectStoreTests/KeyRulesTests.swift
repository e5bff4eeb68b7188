import ObjectSources
import Testing

@Suite struct KeyRulesTests {
    @Test(arguments: [
        "a.wav", "device-07/rec 1+2=3.wav", "日本語/録音.wav", "a//b", "/abs", "//a", "..a/b..", "a\\b", "%2e%2e/x", "~",
        String(repeating: "x", count: 1024),
    ])
    func `good keys pass`(_ key: String) { #expect(KeyRules.problem(with: key.utf8) == nil) }

    @Test(arguments: [
        "", "/", "/../a", "..", "../a", "a/../b", "a/..", ".", "./a", "a/./b", "a/", "a\0b", "new\nline",
        "esc\u{1B}[2J",
        "del\u{7F}",
        String(repeating: "x", count: 1025),
    ])
    func `bad keys are refused`(_ key: String) { #expect(KeyRules.problem(with: key.utf8) != nil) }

    @Test func `keys that are not UTF-8 are bad and stay distinct`() {
        let keys: [[UInt8]] = [[0x61, 0xFF], [0x61, 0xFE], [0x61, 0xC3], [0xE3, 0x81, 0x61]]
        for key in keys { #expect(KeyRules.problem(with: key)?.description.contains("UTF-8") == true) }
        let texts = keys.map { KeyRules.text($0) }
        #expect(texts == ["a\u{FFFD}ff", "a\u{FFFD}fe", "a\u{FFFD}c3", "\u{FFFD}e3\u{FFFD}81a"])
        #expect(KeyRules.text(Array("é日😀".utf8)) == "é日😀")
    }
}
