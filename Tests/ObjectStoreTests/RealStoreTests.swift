import Digests
import Downloads
import Fault
import ObjectSources
import TestKit
import TestServers
import Testing

/// Against independent S3 endpoints: moto, and OpenStack Swift, which verifies signatures.
@Suite(.tags(.server)) struct RealStoreTests {
    private static let keys = [
        "night/a.wav", "night/with space.wav", "night/plus+plus.wav", "night/equals=amp&.wav", "night/percent%2F%.wav",
        "night/ünï-cödé.wav", "night/日本語/録音.wav", "night/😀.wav", "night/(paren)!*'.wav", "night/semi;colon:at@$,.wav",
        "night/tilde~.wav", "night/e\u{301}.wav", "night/\u{E9}.wav", "night/[]{}|^`.wav", "night/quote\"<>.wav",
        "nightly/other.wav",
    ]

    private func check(_ server: TestServer, key: String, secret: String) throws {
        var bed = try StoreTestbed()
        bed.settings.environment = [
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_ENDPOINT_URL_S3": server.url,
        ]
        bed.settings.pageSize = 4
        var objects = Self.keys.map { StoredObject(bucket: "uploads", key: $0, text: "this is \($0)") }
        objects.append(StoredObject(bucket: "uploads", key: "night/folder/", text: ""))
        objects.append(StoredObject(bucket: "uploads", key: "night/large.wav", size: 3_000_000))
        try TestPython.put(objects, endpoint: server.url, accessKey: key, secretKey: secret)

        let source = try bed.open("s3://uploads/night")
        let entries = try bed.list(source)
        let expected = Set(Self.keys.filter { $0.hasPrefix("night/") }.map { Array($0.utf8.dropFirst(6)) })
        let listed = entries.map { Array($0.key.utf8) }
        #expect(Set(listed) == expected.union([Array("large.wav".utf8)]))
        #expect(listed == listed.sorted { $0.lexicographicallyPrecedes($1) })
        for (index, outcome) in try bed.fetch(entries, from: source).enumerated() {
            let object = try bed.fetched(outcome)
            #expect(object.verifiedBy.contains("etag-md5"))
            #expect(object.sha256 == Digest(of: try bed.bytes(index)).hex)
            if entries[index].key == "large.wav" {
                #expect(object.requests == 12)
            } else {
                #expect(try bed.bytes(index) == Array("this is night/\(entries[index].key)".utf8))
            }
        }
        #expect(try bed.list(try bed.open("s3://uploads/nothing/")).isEmpty)
        #expect(try bed.kind { _ = try bed.list(try bed.open("s3://no-such-bucket/")) } == .missing)
    }

    @Test func `objects come from moto`() throws { try check(try TestServer.moto(), key: "anyone", secret: "anything") }

    @Test func `objects come from a strict store`() throws {
        let folder = try ScratchFolder()
        let server = try TestServer.strict(folder: folder.path)
        try check(server, key: "test:tester", secret: "testing")
        var wrong = try StoreTestbed()
        wrong.settings.environment = [
            "AWS_ACCESS_KEY_ID": "test:tester", "AWS_SECRET_ACCESS_KEY": "wrong", "AWS_ENDPOINT_URL_S3": server.url,
        ]
        #expect(try wrong.kind { _ = try wrong.list(try wrong.open("s3://uploads/night/")) } == .denied)
    }
}
