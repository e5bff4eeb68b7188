import BatchFormat
import Testing

@Suite struct ItemIDTests {
    @Test func `two normal forms are two items`() {
        let (nfc, nfd) = (ItemID("caf\u{E9}.wav"), ItemID("cafe\u{301}.wav"))
        #expect(nfc.text == nfd.text, "Swift's strings take them for one")
        #expect(nfc != nfd)
        #expect(nfd < nfc && !(nfc < nfd))
        #expect(Set([nfc, nfd]).count == 2)
        #expect([nfc: 1, nfd: 2][ItemID("cafe\u{301}.wav")] == 2)
    }

    @Test func `IDs are ordered by their bytes`() {
        let ordered = ["", "A", "a", "a-b", "a/b", "a/b/c", "ab", "z", "\u{FFFF}", "\u{1F600}"].map { ItemID($0) }
        #expect(ordered.shuffled().sorted() == ordered)
        #expect(ItemID("a") == ItemID("a") && !(ItemID("a") < ItemID("a")))
        #expect(ItemID("device/é").description == "device/é")
    }
}
