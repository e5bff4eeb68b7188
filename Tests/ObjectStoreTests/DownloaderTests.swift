import Digests
import Downloads
import Durable
import Fault
import Foundation
import ObjectSources
import TestKit
import TestServers
import Testing
import Transfer

/// Downloads from a store with every fault that a store can have.
@Suite(.tags(.server)) struct DownloaderTests {
    private let bed: StoreTestbed
    init() throws { bed = try StoreTestbed() }

    private func objectRequests(_ bucket: String) throws -> [LoggedRequest] {
        try bed.server.log(bucket).filter { !$0.path.contains("list-type") }
    }

    @Test func `objects arrive whole and verified`() throws {
        let source = try bed.bucket("plain.whole")
        let entries = try bed.list(source)
        for (index, outcome) in try bed.fetch(entries, from: source).enumerated() {
            let object = try bed.fetched(outcome)
            #expect(object.bytes == entries[index].size)
            #expect(object.sha256 == Digest(of: try bed.bytes(index)).hex)
            #expect(object.verifiedBy == ["size", "etag-md5"])
            #expect(object.requests == 1)
            #expect(object.url == "s3://plain.whole/p/\(entries[index].key)")
        }
    }

    @Test func `large objects come in ranges of one tag`() throws {
        let object = try bed.fetchOnly(try bed.bucket("newsize.large"))
        #expect(object.bytes == 3_500_000)
        let log = try objectRequests("newsize.large")
        #expect(log.count == 14)
        #expect(log.allSatisfy { $0.range != nil })
        #expect(log.filter { $0.ifMatch == nil }.count == 1)
        #expect(object.changedSinceListing)
        #expect(object.verifiedBy == ["etag-md5"])
    }

    @Test func `what outgrows memory goes into the file`() throws {
        var bed = bed
        bed.options.rangedFrom = 4 << 20
        let object = try bed.fetchOnly(try bed.bucket("grown.memory"))
        #expect(object.bytes == 1_200_000)
        #expect(object.sha256 == Digest(of: try bed.bytes()).hex)
        #expect(object.changedSinceListing)
        #expect(object.requests == 2)
    }

    @Test(arguments: ["busy", "busydate"]) func `Retry-After is honoured`(_ name: String) throws {
        let start = Date()
        let object = try bed.fetchOnly(try bed.bucket("\(name).s3"))
        #expect(object.requests == 4)
        // A date has whole seconds: three times "in a second" is at least two seconds.
        #expect(Date().timeIntervalSince(start) >= (name == "busy" ? 3 : 1.9))
    }

    /// Refused repeatedly, or started and never completed.
    @Test(arguments: ["always503", "cutforever"]) func `exhausted retries are unavailable`(_ name: String) throws {
        #expect(try bed.kind { _ = try bed.fetchOnly(try bed.bucket(name)) } == .unavailable)
        #expect(try objectRequests(name).count == 4)
        #expect(try bed.scratchIsEmpty())
    }

    /// The reason and message of an outcome that withholds the object.
    private func withheld(_ outcome: DownloadOutcome?) throws -> (reason: String, message: String) {
        guard case .withheld(let reason, let message)? = outcome else {
            throw Fault(.defect, "\(String(describing: outcome))")
        }
        return (reason, message)
    }

    @Test(arguments: ["forbidden", "unauthorized"]) func `a refusal costs one request`(_ name: String) throws {
        let source = try bed.bucket("\(name).one")
        let refusal = try withheld(try bed.fetch(try bed.list(source), from: source).first)
        #expect(refusal.reason == "forbidden")
        #expect(!refusal.message.contains("secret/with"))
        #expect(try objectRequests("\(name).one").count == 1)
        #expect(try bed.scratchIsEmpty())
    }

    @Test(arguments: [
        ("archived", "archived", "its storage class is GLACIER"), ("encrypted", "encrypted", "400 (InvalidRequest)"),
        ("nokms", "encrypted", "KMS.DisabledException"), ("oneof", "forbidden", "AccessDenied"),
    ])
    func `an object that the store withholds costs no other`(_ name: String, _ reason: String, _ words: String) throws {
        let source = try bed.bucket("\(name).withheld")
        let outcomes = try bed.fetch(try bed.list(source), from: source)
        let refusal = try withheld(outcomes[1])
        #expect(refusal.reason == reason)
        #expect(refusal.message.contains(words), "\(refusal.message)")
        #expect(try bed.fetched(outcomes[0]).bytes == 1000)
        #expect(try bed.fetched(outcomes[2]).bytes == 1000)
        #expect(try objectRequests("\(name).withheld").count == 3)
    }

    @Test func `a restore is requested, then under way, then over`() throws {
        var bed = bed
        bed.options.restores = true
        // The store checks the request's signature and its body.
        let source = try bed.bucket("archived.restore")
        let entries = try bed.list(source)
        let first = try withheld(try bed.fetch(entries, from: source)[1])
        #expect(first.reason == "archived")
        #expect(first.message.hasSuffix("the object is archived; a restore is requested"))
        let second = try withheld(try bed.fetch(entries, from: source)[1])
        #expect(second.message.hasSuffix("the object is archived; its restore is under way"))
        #expect(try bed.fetched(try bed.fetch(entries, from: source)[1]).bytes == 1000)
        #expect(try objectRequests("archived.restore").filter { $0.path.hasSuffix("?restore=") }.count == 2)
    }

    @Test func `a mirror has what the first source withholds`() throws {
        let folder = try ScratchFolder()
        let mirrored = try bed.open("s3://oneof.mirrored/p/", folder.path)
        let entries = try bed.list(mirrored)
        #expect(try withheld(try bed.fetch(entries, from: mirrored)[1]).reason == "forbidden")
        // The same object as the store's, from another bucket of it that allows reading.
        let whole = try bed.bucket("archived.copy")
        _ = try bed.fetch([try #require(try bed.list(whole).first)], from: whole)
        try AtomicFile.write(try bed.bytes(), to: folder["a-1000.bin"])
        let all = try bed.open("s3://forbidden.mirrored/p/", folder.path)
        var entry = try #require(entries.first)
        entry = ObjectEntry(key: entry.key, size: entry.size, etag: entry.etag)
        #expect(try bed.fetched(try #require(try bed.fetch([entry], from: all).first)).bytes == 1000)
    }

    @Test func `the requester pays where that is demanded`() throws {
        #expect(try bed.kind { _ = try bed.list(try bed.bucket("payer.not")) } == .denied)
        var payer = bed
        payer.settings.requesterPays = true
        let source = try payer.bucket("payer.does")
        for outcome in try payer.fetch(try payer.list(source), from: source) {
            #expect(try payer.fetched(outcome).bytes == 1000)
        }
    }

    @Test func `what breaks off is resumed`() throws {
        let object = try bed.fetchOnly(try bed.bucket("cutonce.resume"))
        #expect(object.requests == 2)
        #expect(object.verifiedBy == ["size", "etag-md5"])
        let log = try objectRequests("cutonce.resume")
        #expect(log.map(\.range) == [nil, "bytes=46666-"])
        #expect(log[1].ifMatch != nil)
    }

    @Test(arguments: ["chunked", "chunkedcut", "wrongtagonce", "wrongchecksum"])
    func `passing trouble is survived`(_ name: String) throws {
        let object = try bed.fetchOnly(try bed.bucket("\(name).once"))
        #expect(object.bytes == 1000)
        #expect(object.sha256 == Digest(of: try bed.bytes()).hex)
        #expect(object.requests == (name == "chunked" ? 1 : 2))
    }

    @Test func `a stall is noticed and resumed`() throws {
        var quick = bed
        quick.settings.timeouts.stallSeconds = 1
        let object = try quick.fetchOnly(try quick.bucket("stall.resume"))
        #expect(object.bytes == 70_000)
        #expect(object.requests == 2)
    }

    /// The object is replaced while its ranges are on their way: what arrives is wholly the new one.
    @Test(arguments: ["replaced", "sneaky"]) func `two versions are never mixed`(_ name: String) throws {
        let object = try bed.fetchOnly(try bed.bucket("\(name).s3"))
        #expect(object.bytes == 3_000_000)
        #expect(object.changedSinceListing)
        #expect(object.verifiedBy == ["etag-md5"])
    }

    /// In ranges it is never consistent; in one stream it is, whichever version that may be.
    @Test func `an object that never rests comes in one stream`() throws {
        let object = try bed.fetchOnly(try bed.bucket("replacedalways.s3"))
        #expect(object.changedSinceListing)
        #expect(object.verifiedBy == ["etag-md5"])
        #expect(try objectRequests("replacedalways.s3").filter { $0.range == nil }.count == 1)
    }

    @Test func `a small object that was replaced is reported`() throws {
        let object = try bed.fetchOnly(try bed.bucket("changed"))
        #expect(object.changedSinceListing)
        #expect(object.verifiedBy == ["etag-md5"])
    }

    @Test func `a missing object has vanished, and the rest goes on`() throws {
        let source = try bed.bucket("gone.s3")
        let outcomes = try bed.fetch(try bed.list(source), from: source)
        guard case .vanished(let message) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        #expect(message.contains("s3://gone.s3/p/a/one-1000.bin"))
        #expect(try bed.fetched(outcomes[1]).bytes == 70_000)
        #expect(try !Folders.names(in: bed.scratch.path).contains("object-0"))
    }

    @Test(arguments: ["html", "wrongtag"]) func `bytes that never agree are damaged`(_ name: String) throws {
        #expect(try bed.kind { _ = try bed.fetchOnly(try bed.bucket("\(name).s3")) } == .damaged)
        #expect(try bed.scratchIsEmpty())
    }

    @Test func `a tag that is not an MD5 can be declared as such`() throws {
        var lenient = bed
        lenient.settings.etagIsMD5 = false
        #expect(try lenient.fetchOnly(try lenient.bucket("chunked.lenient")).verifiedBy == ["size"])
    }

    @Test func `checksum headers are checked`() throws {
        let object = try bed.fetchOnly(try bed.bucket("checksums"))
        #expect(object.verifiedBy == ["size", "content-md5", "etag-md5", "sha1", "sha256", "crc32"])
    }

    /// The tags of key-managed objects and multipart uploads are not MD5s; a checksum of checksums is not a checksum.
    @Test(arguments: [
        ("kms", ["size"]), ("composite", ["size", "etag-md5"]), ("multipart", ["size"]),
        ("multipartsum", ["size", "crc32"]),
    ])
    func `what only looks like a checksum is not taken for one`(_ name: String, _ verifiedBy: [String]) throws {
        let object = try bed.fetchOnly(try bed.bucket("\(name).s3"))
        #expect(object.verifiedBy == verifiedBy)
    }

    @Test func `a body without end does not fill the disk`() throws {
        #expect(try bed.kind { _ = try bed.fetchOnly(try bed.bucket("endless.s3")) } == .damaged)
        #expect(try bed.scratchIsEmpty())
    }

    @Test func `a full disk is reported as the disk`() throws {
        let source = try bed.bucket("plain.disk")
        let entry = try #require(try bed.list(source).first)
        // Written through a link, so that the link is what is removed at the end.
        try FileManager.default.createSymbolicLink(atPath: bed.scratch["full"], withDestinationPath: "/dev/full")
        let linked = DownloadRequest(entry: entry, path: bed.scratch["full"])
        #expect(
            try bed.kind {
                try Downloader(engine: bed.engine, options: bed.options).fetch([linked], from: source, checkStop: {}) {
                    _, _ in
                }
            } == .disk)
    }

    @Test func `a stop leaves only finished objects`() throws {
        let source = try bed.bucket("stall.stop")
        let entries = try bed.list(source)
        let request = DownloadRequest(entry: try #require(entries.first), path: bed.scratch["x"])
        let start = Date()
        let fault = #expect(throws: Fault.self) {
            try Downloader(engine: bed.engine, options: bed.options).fetch([request], from: source) {
                () throws(Fault) in
                if Date().timeIntervalSince(start) > 0.5 { throw Fault(.interrupted, "stop") }
            } outcome: { _, _ in
            }
        }
        #expect(fault?.kind == .interrupted)
        #expect(Date().timeIntervalSince(start) < 5)
        #expect(try bed.scratchIsEmpty())
    }

    @Test func `many objects at once`() throws {
        let source = try bed.bucket("pages.many")
        let outcomes = try bed.fetch(try bed.list(source), from: source)
        #expect(outcomes.count == 100)
        for (index, outcome) in outcomes.enumerated() {
            #expect(try bed.fetched(outcome).sha256 == Digest(of: try bed.bytes(index)).hex)
        }
        #expect(Set(try objectRequests("pages.many").map(\.connection)).count <= bed.options.inFlight)
    }
}
