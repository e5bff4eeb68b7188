import JSON
import ObjectSources
import Testing

/// Listings of millions are held in memory; an entry keeps its texts in less space than they take.
@Suite struct ObjectEntryTests {
    @Test(
        arguments: [
            nil, "", "0b44d6c0a1b2c3d4e5f60718293a4b5c", "00000000000000000000000000000000",
            "0000000000000000000000000000000f", "f0000000000000010000000000000001", "0B44D6C0A1B2C3D4E5F60718293A4B5C",
            "0b44d6c0a1b2c3d4e5f60718293a4b5c-3", "W/\"x\"", "0b44d6c0a1b2c3d4e5f60718293a4b5",
            "+b44d6c0a1b2c3d4-5f60718293a4b5c",
        ] as [String?])
    func `entity tags come back as they were listed`(_ tag: String?) {
        #expect(ObjectEntry(key: "a", etag: tag).etag == tag)
        #expect(ObjectEntry(key: "a", size: 3, etag: tag).version == (tag.map { "\($0) 3" } ?? "3"))
    }

    @Test(
        arguments: [
            nil, "2026-11-19T22:04:11Z", "1969-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2026-11-19T22:04:11.5Z",
            "2026-11-19T23:04:11+01:00", "Thu, 19 Nov 2026 22:04:11 GMT", "2026-11-19t22:04:11z",
        ] as [String?])
    func `times come back as they were listed`(_ time: String?) {
        #expect(ObjectEntry(key: "a", lastModified: time).lastModified == time)
        #expect(ObjectEntry(key: "a", size: 3, lastModified: time).version == (time.map { "3 \($0)" } ?? "3"))
    }

    @Test func `what few objects have comes back, too`() {
        let entry = ObjectEntry(
            key: "k", size: 0, sha256: "ab", fields: ["site": "gate"], storageClass: "GLACIER", address: [1, 2])
        #expect(entry.sha256 == "ab" && entry.fields == ["site": "gate"] && entry.storageClass == "GLACIER")
        #expect(entry.address == [1, 2] && entry.size == 0 && entry.problem == nil && entry.version == "ab 0")
        #expect(ObjectEntry(key: "k").size == nil && ObjectEntry(key: "k", version: "v").version == "v")
        #expect(MemoryLayout<ObjectEntry>.size == 8)
    }
}
