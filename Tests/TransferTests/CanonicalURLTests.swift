import Foundation
import JSON
import TestServers
import Testing
import Transfer

/// The encoder compared with botocore's (sigv4_golden.py generates the expectations).
@Suite struct CanonicalURLTests {
    @Test func `URLs are encoded as botocore does`() throws {
        let path = TestPython.folder + "/sigv4_golden.json"
        let cases = try #require(try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: path))).array)
        #expect(cases.count > 30)
        for golden in cases {
            let hex = try #require(golden["key"]?.string)
            let key = stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
            let query = (golden["query"]?.array ?? []).compactMap(\.array).map {
                (name: $0[0].string ?? "", value: $0[1].string ?? "")
            }
            #expect("/bucket/" + CanonicalURL.path(key) == golden["canonicalPath"]?.string)
            #expect(CanonicalURL.query(query) == golden["canonicalQuery"]?.string)
        }
    }

    @Test func `what is encoded is decoded`() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(CanonicalURL.decode(CanonicalURL.path(bytes), plusIsSpace: false) == bytes)
        #expect(CanonicalURL.decode("a+b%2B", plusIsSpace: true) == Array("a b+".utf8))
        #expect(CanonicalURL.decode("a+b", plusIsSpace: false) == Array("a+b".utf8))
    }

    @Test(arguments: ["%", "%4", "%zz", "a%4"]) func `half an escape is refused`(_ text: String) {
        #expect(CanonicalURL.decode(text, plusIsSpace: false) == nil)
    }

    @Test func `only what no URL may hold is repaired`() {
        #expect(CanonicalURL.repair("http://h/a b/é?x=%41&y=[1]") == "http://h/a%20b/%C3%A9?x=%41&y=[1]")
    }
}
