import Digests
import Testing

@Suite struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 of the examples in FIPS 180`(_ text: String, _ hex: String) {
        #expect(Digest(of: text.utf8).hex == hex)
        #expect(Digest(of: Array(text.utf8)).description == hex)
        #expect(Digest(hex: hex) == Digest(of: text.utf8))
    }

    @Test func `a sequence without storage of its own has the same digest`() {
        let bytes = (0..<1000).lazy.map { UInt8($0 % 251) }
        #expect(Digest(of: bytes) == Digest(of: Array(bytes)))
    }

    @Test(arguments: [
        "", "ba7816", String(repeating: "A", count: 64), String(repeating: "g", count: 64),
        String(repeating: "a", count: 65), String(repeating: "é", count: 32), " " + String(repeating: "a", count: 63),
    ])
    func `only 64 lower-case hexadecimal digits are a digest`(_ text: String) { #expect(Digest(hex: text) == nil) }

    @Test func `hex has two digits per byte`() {
        #expect([UInt8]([0, 1, 15, 16, 255]).hex == "00010f10ff")
        #expect([UInt8]().hex.isEmpty)
    }
}
