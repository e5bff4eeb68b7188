import Digests
import Downloads
import Fault
import JSON
import ObjectSources
import TestKit
import TestServers
import Testing

@Suite(.tags(.server)) struct HTTPIndexTests {
    private let bed: StoreTestbed
    init() throws { bed = try StoreTestbed() }

    @Test func `an index lists fields, too`() throws {
        let entries = try bed.list(try bed.index("plain.index"))
        #expect(entries.map(\.key) == ["a/one-1000.bin", "a/two words+plus=é-70000.bin", "b/three-0.bin"])
        #expect(entries.map(\.size) == [1000, 70_000, 0])
        #expect(entries.allSatisfy { $0.fields == ["site": "north"] && $0.problem == nil })
    }

    @Test func `an index's objects are fetched`() throws {
        let source = try bed.index("plain.indexfetch")
        let outcomes = try bed.fetch(try bed.list(source), from: source)
        let object = try bed.fetched(outcomes[1])
        #expect(object.bytes == 70_000)
        #expect(object.sha256 == Digest(of: try bed.bytes(1)).hex)
        #expect(object.verifiedBy == ["size"])
        #expect(object.lastModified == "2026-11-19T22:04:11Z")
        #expect(object.etag?.count == 32)
        #expect(!object.url.contains("?"))
    }

    @Test func `the index's digests are checked`() throws {
        #expect(try bed.fetchOnly(try bed.index("sha.ok")).verifiedBy == ["size", "listing-sha256"])
    }

    @Test func `redirects are followed`() throws {
        #expect(try bed.fetchOnly(try bed.index("redirected.index")).bytes == 1000)
    }

    @Test func `a broken transfer is resumed`() throws {
        #expect(try bed.fetchOnly(try bed.index("cut.index")).bytes == 3_000_000)
        let log = try bed.server.log("cut.index").filter { $0.path.contains("large") }
        #expect(log.contains { $0.range != nil && $0.ifMatch != nil })
    }

    @Test(arguments: ["norange", "notag"]) func `plain servers work`(_ name: String) throws {
        let object = try bed.fetchOnly(try bed.index("\(name).index"))
        #expect(object.bytes == 3_000_000)
        #expect(object.sha256 == Digest(of: try bed.bytes()).hex)
    }

    @Test func `a missing index is reported as missing`() throws {
        #expect(try bed.kind { _ = try bed.list(try bed.open("\(bed.server.url)/nobucket/index.jsonl")) } == .missing)
    }

    @Test func `an index that may be cut is refused`() throws {
        #expect(try bed.kind { _ = try bed.list(try bed.index("nolength")) } == .unavailable)
    }

    @Test(arguments: ["http:///index", "https://user:pass@h/index.jsonl", "ftp://h/x", "gopher://h"])
    func `addresses that name no index are refused`(_ url: String) throws {
        #expect(try bed.kind { _ = try bed.open(url) } == .configuration)
    }
}
