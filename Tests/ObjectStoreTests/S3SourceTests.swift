import Downloads
import Fault
import ObjectSources
import TestKit
import TestServers
import Testing

@Suite(.tags(.server)) struct S3SourceTests {
    private let bed: StoreTestbed
    init() throws { bed = try StoreTestbed() }

    @Test func `keys are relative to the prefix`() throws {
        let entries = try bed.list(try bed.bucket("plain.list"))
        #expect(entries.map(\.key) == ["a/one-1000.bin", "a/two words+plus=é-70000.bin", "b/three-0.bin"])
        #expect(entries.map(\.size) == [1000, 70_000, 0])
        #expect(entries[0].lastModified == "2026-11-19T22:04:11Z")
        #expect(entries[0].etag?.count == 32)
    }

    @Test func `pages are joined`() throws {
        var pages: [Int] = []
        try bed.bucket("pages").list(checkStop: {}) { pages.append($0.count) }
        #expect(pages == [30, 30, 30, 10])
        let entries = try bed.list(try bed.bucket("pages.again"))
        #expect(Set(entries.map(\.key)).count == 100)
    }

    /// An incomplete listing is not a listing.
    @Test(arguments: ["listfails", "listcut", "listhtml", "listloop"]) func `a listing is whole or unavailable`(
        _ name: String
    )
        throws
    {
        #expect(try bed.kind { _ = try bed.list(try bed.bucket("\(name).s3")) } == .unavailable)
    }

    @Test(arguments: ["listhiccup", "listbusy"]) func `a passing failure is survived`(_ name: String) throws {
        let entries = try bed.list(try bed.bucket("\(name).s3"))
        #expect(entries.count == (name == "listhiccup" ? 100 : 1))
    }

    @Test func `a refusal costs one request`() throws {
        #expect(try bed.kind { _ = try bed.list(try bed.bucket("listdenied.one")) } == .denied)
        #expect(try bed.kind { _ = try bed.list(try bed.bucket("expired.one")) } == .denied)
        #expect(try bed.server.log("listdenied.one").count == 1)
        #expect(try bed.server.log("expired.one").count == 1)
    }

    @Test func `other failures have their kinds`() throws {
        #expect(try bed.kind { _ = try bed.list(try bed.bucket("nosuchbucket")) } == .missing)
        do {
            _ = try bed.list(try bed.bucket("region"))
            Issue.record("a bucket in another region was listed")
        } catch let fault as Fault {
            #expect(fault.kind == .configuration)
            #expect(fault.message.contains("'eu-west-9'"))
        }
        var nobody = bed
        nobody.settings.endpoint = "http://127.0.0.1:1"
        #expect(try nobody.kind { _ = try nobody.list(try nobody.bucket("plain")) } == .unavailable)
    }

    @Test func `a request without credentials is denied, and says where it looked`() throws {
        var poor = bed
        poor.settings.environment = ["HOME": bed.scratch.path, "AWS_ENDPOINT_URL_S3": bed.server.url]
        #expect(try poor.kind { _ = try poor.bucket("plain") } == .denied)
        poor.settings.anonymous = true
        #expect(try poor.list(try poor.bucket("plain.anonymous")).count == 3)
    }

    @Test func `the wrong secret is denied`() throws {
        var wrong = bed
        wrong.settings.environment["AWS_SECRET_ACCESS_KEY"] = "another"
        #expect(try wrong.kind { _ = try wrong.list(try wrong.bucket("signed.wrong")) } == .denied)
    }

    /// The server recomputes every request's signature with botocore.
    @Test(arguments: [nil, "token/+=x"]) func `every key is listed and fetched with a signature`(_ token: String?)
        throws
    {
        var signed = bed
        signed.settings.environment["AWS_SESSION_TOKEN"] = token
        signed.settings.pageSize = 7
        let source = try signed.bucket("signed.all\(token == nil ? "" : "token")")
        let entries = try signed.list(source)
        #expect(entries.count == 20)
        for outcome in try signed.fetch(entries, from: source) {
            let object = try signed.fetched(outcome)
            #expect(object.bytes == 10)
            #expect(object.verifiedBy == ["size", "etag-md5"])
        }
    }

    @Test func `keys that lead outside are named, and folders skipped`() throws {
        let entries = try bed.list(try bed.bucket("escape"))
        #expect(entries.filter { $0.problem == nil }.map(\.key) == ["/abs-10.bin", "good-10.bin"])
        #expect(
            Set(entries.filter { $0.problem != nil }.map(\.key)) == [
                "../up-10.bin", "x/../y-10.bin", "x/./y-10.bin", "new\nline-10.bin",
                "sibling-of-p/x-10.bin",
            ])
    }

    @Test func `a stop ends the listing`() throws {
        let fault = #expect(throws: Fault.self) {
            try bed.bucket("pages.stop").list { () throws(Fault) in
                throw Fault(.terminated, "stop")
            } _: { _ in
            }
        }
        #expect(fault?.kind == .terminated)
    }
}
