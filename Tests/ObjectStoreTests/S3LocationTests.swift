import Fault
import ObjectSources
import Testing

@Suite struct S3LocationTests {
    private func location(
        _ url: String, endpoint: String? = nil, region: String = "eu-north-1", _ addressing: S3Addressing? = nil
    ) throws -> S3Location {
        try S3Location(url, endpoint: endpoint, region: region, addressing: addressing)
    }

    @Test func `on AWS the bucket is in the host`() throws {
        let place = try location("s3://night/2026-11-20/")
        #expect(
            place.url(ofKey: Array("2026-11-20/a b.wav".utf8))
                == "https://night.s3.eu-north-1.amazonaws.com/2026-11-20/a%20b.wav")
        #expect(
            place.listingURL(pageSize: 10, token: "a/+=")
                == "https://night.s3.eu-north-1.amazonaws.com/?continuation-token=a%2F%2B%3D&encoding-type=url&list-type=2&max-keys=10&prefix=2026-11-20%2F"
        )
    }

    @Test func `elsewhere it is in the path`() throws {
        let place = try location("s3://night", endpoint: "http://127.0.0.1:9000/")
        #expect(place.bucketURL == "http://127.0.0.1:9000/night")
        #expect(place.prefix.isEmpty)
        #expect(
            place.listingURL(pageSize: 1, token: nil)
                == "http://127.0.0.1:9000/night?encoding-type=url&list-type=2&max-keys=1&prefix=")
    }

    @Test func `either style can be chosen`() throws {
        #expect(try location("s3://b/p", endpoint: "https://h:1", .virtualHost).bucketURL == "https://b.h:1")
        #expect(try location("s3://b/p", .path).bucketURL == "https://s3.eu-north-1.amazonaws.com/b")
        #expect(try location("s3://dotted.name/p").bucketURL == "https://s3.eu-north-1.amazonaws.com/dotted.name")
        #expect(try location("s3://b/p", region: "cn-north-1").bucketURL == "https://b.s3.cn-north-1.amazonaws.com.cn")
    }

    /// `2026-11-2` must not include `2026-11-20`.
    @Test func `a prefix is a folder`() throws { #expect(try location("s3://b/2026-11-2").prefix == "2026-11-2/") }

    @Test(arguments: ["s3://", "s3:///x", "s3://a b/x", "s3://user@b/x", "s3://.b/x"])
    func `an address without a bucket is refused`(_ url: String) {
        let fault = #expect(throws: Fault.self) { try location(url) }
        #expect(fault?.kind == .configuration)
    }

    @Test(arguments: ["127.0.0.1:9000", "ftp://h", "http://key:hunter2@h", "http://h?x", "http://h h"])
    func `an address without an endpoint is refused`(_ endpoint: String) {
        let fault = #expect(throws: Fault.self) { try location("s3://b/", endpoint: endpoint) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.description.contains("hunter2") == false)
    }
}
