import JSON
import TestKit
import Testing

@Suite struct JSONFuzzTests {
    /// Every input parses or is refused with an error; what parses is written and read back unchanged.
    @Test func `mutated texts never do anything else`() {
        var random = SeededGenerator(seed: 20_261_120)
        let seeds = [
            #"{"id": "device-07/rec-00012.wav", "fetch": {"bytes": 83244, "etag": null}, "f": [1.5e-3, -0, true]}"#,
            #"["\u00e9\ud83d\ude00\\\"", "é😀", {"a": {"b": [[[]]]}}, 12345678901234567890, 1e22, 0.1]"#,
            #"{"format": 1, "run": {"checksum": "00ff"}, "ran": {"a": 1, "b": 2, "ab": 3, "\u0062b": 4}}"#,
        ].map { Array($0.utf8) }
        let spice = Array(#"{}[]":,\u0eE+-.1dD "#.utf8) + [0, 0x1F, 0x80, 0xC3, 0xED, 0xFF]
        var (taken, refused) = (0, 0)
        for round in 0..<30_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0...random.below(4) {
                let at = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[at] = spice[random.below(spice.count)]
                case 1: bytes.insert(spice[random.below(spice.count)], at: at)
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(8)))
                default: bytes[at] ^= 1 << UInt8(random.below(8))
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            #expect(Self.isWalkedOver(bytes) == ((try? JSON(parsing: bytes))?.object != nil))
            do {
                let value = try JSON(parsing: bytes)
                #expect(try JSON(parsing: value.bytes(.canonical)).bytes(.canonical) == value.bytes(.canonical))
                #expect(try JSON(parsing: value.bytes(.pretty)) == value)
                taken += 1
            } catch {
                #expect((0...bytes.count).contains(error.offset) && !error.reason.isEmpty)
                refused += 1
            }
        }
        // The mutations are only useful if they give both results.
        #expect(taken > 2000 && refused > 2000)
    }

    private static func isWalkedOver(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            do throws(JSONSyntaxError) {
                try JSON.forEachMember(of: bytes) { (_, _) in }
                return true
            } catch {
                return false
            }
        }
    }
}
