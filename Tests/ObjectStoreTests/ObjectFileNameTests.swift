import Downloads
import Testing

@Suite struct ObjectFileNameTests {
    @Test func `a file name stays readable`() {
        #expect(objectFileName(for: "device-07/rec-00012.wav") == "device-07,rec-00012.wav")
        #expect(objectFileName(for: ".hidden") == "%2ehidden")
        #expect(objectFileName(for: "a b,c~d%.wav") == "a%20b%2cc%7ed%25.wav")
    }

    /// Names that would be the same file on some file system: case, Unicode forms, a name and a folder, and what
    /// encoding could merge.
    @Test func `different keys keep different names`() {
        let keys = [
            "a.wav", "A.wav", "a.WAV", "e\u{301}.wav", "\u{E9}.wav", "a", "a/b", "a,b", "a%2cb", "a%2Cb", "a~b",
            "a%7eb",
            "x/y", "x//y", "%", "%25", "a\\b", "a b", "a+b", "a%20b",
        ]
        let names = keys.map { objectFileName(for: $0).lowercased() }
        #expect(Set(names).count == keys.count)
    }

    @Test func `a file name is always one safe component`() {
        let keys = [
            String(repeating: "x", count: 1024), String(repeating: "日", count: 300) + ".flac",
            String(repeating: "x", count: 300) + "." + String(repeating: "y", count: 300), "..", ".", "a/../b", "-rf",
            "$(x)`y`",
        ]
        for key in keys {
            let name = objectFileName(for: key)
            #expect((1...255).contains(name.utf8.count))
            #expect(!name.hasPrefix("."))
            #expect(name.utf8.allSatisfy { (0x21..<0x7F).contains($0) && $0 != UInt8(ascii: "/") })
            #expect(!name.contains { "$`()\"'\\&;|<>*?".contains($0) })
        }
        #expect(objectFileName(for: String(repeating: "x", count: 400) + ".flac").hasSuffix(".flac"))
        // Cut in the same way, distinguished by the digest.
        let long = String(repeating: "x", count: 400)
        #expect(objectFileName(for: long + "1") != objectFileName(for: long + "2"))
    }
}
