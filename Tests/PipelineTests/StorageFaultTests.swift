import Foundation
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// How a night reacts to faults of the storage, with the built `fetch`.
@Suite(.tags(.server)) struct StorageFaultTests {
    private static let faulty = Result { try TestServer.faulty() }

    /// A bucket of the misbehaving store, and how fetch must end on it.
    struct Fault: CustomTestStringConvertible, Sendable {
        let bucket: String
        let code: Int32
        /// What the message names, or the items that are fetched.
        var naming = ""
        var items = 1
        var testDescription: String { bucket }
    }

    static let survived = [
        Fault(bucket: "plain", code: 0, items: 3), Fault(bucket: "busy", code: 0), Fault(bucket: "busydate", code: 0),
        Fault(bucket: "cut", code: 0), Fault(bucket: "cutonce", code: 0), Fault(bucket: "chunkedcut", code: 0),
        Fault(bucket: "stall", code: 0), Fault(bucket: "norange", code: 0), Fault(bucket: "notag", code: 0),
        Fault(bucket: "replaced", code: 0), Fault(bucket: "replacedalways", code: 0), Fault(bucket: "sneaky", code: 0),
        Fault(bucket: "newsize", code: 0), Fault(bucket: "wrongtagonce", code: 0),
        Fault(bucket: "wrongchecksum", code: 0),
        Fault(bucket: "kms", code: 0), Fault(bucket: "composite", code: 0), Fault(bucket: "listbusy", code: 0),
    ]

    static let fatal = [
        Fault(bucket: "always503", code: 69, naming: "503"),
        Fault(bucket: "cutforever", code: 69, naming: "one-1000.bin"),
        Fault(bucket: "forbidden", code: 77, naming: "403"),
        Fault(bucket: "unauthorized", code: 77, naming: "401"), Fault(bucket: "listdenied", code: 77, naming: "403"),
        Fault(bucket: "expired", code: 77, naming: "ExpiredToken"), Fault(bucket: "wrongtag", code: 65, naming: "etag"),
        Fault(bucket: "html", code: 65, naming: "1000 bytes"), Fault(bucket: "region", code: 78, naming: "eu-west-9"),
        Fault(bucket: "redirectloop", code: 78, naming: "302"),
        Fault(bucket: "nosuchbucket", code: 66, naming: "nosuchbucket"),
    ]

    private func fetch(
        _ place: Workplace, _ source: String, endpoint: String? = nil, _ more: String...
    ) throws -> Finished {
        var arguments = [
            "small", Workplace.batch, "--set", "fetch.source=\(source)", "--set", "fetch.include=*", "--set",
            "fetch.attempts=6", "--set", "fetch.stall_timeout=1 s", "--set", "fetch.max_reject_ratio=1.0",
        ]
        if let endpoint { arguments += ["--set", "fetch.endpoint=\(endpoint)"] }
        for setting in more { arguments += ["--set", setting] }
        return try place.program(
            "fetch", arguments,
            environment: [
                "AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": "something", "AWS_REGION": "us-east-1",
            ]
        ).run()
    }

    /// Every run sees the bucket's misbehaviour from its start.
    private func fresh(_ bucket: String) -> String { "s3://\(bucket).\(UUID().uuidString.prefix(8).lowercased())/" }

    @Test(arguments: survived) func `passing trouble is survived`(_ fault: Fault) throws {
        let place = try Workplace()
        let done = try fetch(place, fresh(fault.bucket), endpoint: Self.faulty.get().url, "fetch.range_bytes=512 KiB")
        #expect(done.code == 0, "\(done)")
        let items = try place.ledger("fetch/v1")
        #expect(items.count == fault.items)
        for item in items {
            let object = try #require(item["fetch"]?["object"]?.string)
            let bytes = try place.read("\(place.stage("fetch"))/v1/part-00000/\(object)")
            #expect(bytes.count == item["fetch"]?["bytes"]?.int)
            let id = try #require(item["id"]?.string)
            #expect(try isOneVersion(bytes, of: id), "\(fault.bucket): the bytes of '\(id)' are a mixture")
        }
        #expect(try place.program("batches", ["verify", "small"]).run().code == 0)
    }

    /// Whether bytes are those of one version of a key; the store makes block b of version n as the SHA-256 of "KEY n
    /// b", so that a mixture matches none.
    private func isOneVersion(_ bytes: [UInt8], of key: String) throws -> Bool {
        let program = """
            import hashlib, pathlib, sys
            sys.path.insert(0, sys.argv[3])
            from content import content
            data = pathlib.Path(sys.argv[1]).read_bytes()
            sys.exit(not any(content(sys.argv[2], len(data), version) == data for version in range(12)))
            """
        let folder = try ScratchFolder()
        try Data(bytes).write(to: URL(fileURLWithPath: folder["object"]))
        let done = try Program(
            [Python.tests, "-B", "-c", program, folder["object"], key, TestPython.folder],
            environment: ["PATH": "/usr/bin:/bin"], folder: folder.path
        ).run()
        return done.code == 0
    }

    @Test(arguments: fatal) func `lasting trouble ends the night with its code, and nothing is sealed`(_ fault: Fault)
        throws
    {
        let place = try Workplace()
        let source = fault.bucket == "nosuchbucket" ? "s3://nosuchbucket/" : fresh(fault.bucket)
        let done = try fetch(place, source, endpoint: Self.faulty.get().url, "fetch.attempts=2")
        #expect(done.code == fault.code, "\(done)")
        #expect(done.out.isEmpty)
        #expect(done.err.contains(fault.naming), "\(done)")
        #expect(!done.err.contains("something"), "the secret is in the message: \(done)")
        #expect(!place.exists("\(place.stage("fetch"))/v1/batch.json"))
        #expect(place.current("fetch") == nil)
    }

    @Test func `Retry-After is honoured`() throws {
        let done = try fetch(Workplace(), fresh("busy"), endpoint: Self.faulty.get().url)
        #expect(done.code == 0, "\(done)")
        #expect(done.seconds >= 3, "asked three times to come back after a second, it took \(done.seconds) s")
    }

    @Test(arguments: ["error", "cut", "html", "loop"])
    func `a listing that fails halfway does not give a short night`(_ trouble: String) throws {
        let server = try TestServer.halfAListing()
        let place = try Workplace()
        let done = try fetch(place, "s3://\(trouble)/", endpoint: server.url, "fetch.attempts=2")
        #expect(done.code == 69, "\(done)")
        #expect(done.err.contains(trouble), "\(done)")
        #expect(!place.exists("\(place.stage("fetch"))/v1"), "nothing is begun on half a listing")
    }

    @Test func `a listing of two pages is whole`() throws {
        let server = try TestServer.halfAListing()
        let done = try fetch(Workplace(), "s3://fine/", endpoint: server.url, "fetch.attempts=1")
        #expect(done.err.contains("2000 items listed"), "\(done)")
    }

    @Test func `a second mirror takes over`() throws {
        let server = try TestServer.halfAListing()
        let place = try Workplace()
        try place.configure(
            "source = \"recordings/{batch}/\"",
            "source = [\"http://127.0.0.1:1/index.jsonl\", \"\(server.url)/web/index.jsonl\"]\nattempts = 2")
        let done = try place.run("fetch")
        #expect(done.code == 0, "\(done)")
        #expect(try place.ids("fetch/v1").count >= 2)
    }

    @Test func `a cut index is damage, not a short night`() throws {
        let server = try TestServer.halfAListing()
        let place = try Workplace()
        let done = try fetch(place, "\(server.url)/cut/index.jsonl")
        #expect([65, 69].contains(done.code), "\(done)")
        #expect(done.err.contains("index.jsonl"), "\(done)")
        #expect(place.current("fetch") == nil)
    }

    @Test func `a login page for a recording is rejected by clean`() throws {
        let server = try TestServer.halfAListing()
        let place = try Workplace()
        #expect(try fetch(place, "\(server.url)/web/index.jsonl").code == 0)
        try place.succeed("clean")
        let rejected = try place.rejects("clean/v1")
        #expect(rejected.map { $0["id"]?.string } == ["page.wav"])
        #expect(rejected.first?["reason"]?.string == "unsupported")
        let message = rejected.first?["message"]?.string ?? ""
        #expect(message.contains("web page"), "the message tells what came instead: \(message)")
    }

    @Test func `a vanished object costs itself alone`() throws {
        let place = try Workplace()
        let done = try fetch(place, fresh("gone"), endpoint: Self.faulty.get().url)
        #expect(done.code == 0, "\(done)")
        #expect(try place.ids("fetch/v1").count == 2)
        let rejected = try place.rejects("fetch/v1")
        #expect(rejected.map { $0["id"]?.string } == ["a/one-1000.bin"])
        #expect(rejected.first?["reason"]?.string == "vanished")
    }

    @Test func `a stalled transfer is tried again while the others go on`() throws {
        let place = try Workplace()
        let bucket = "stallsone.\(UUID().uuidString.prefix(8).lowercased())"
        let done = try fetch(place, "s3://\(bucket)/", endpoint: Self.faulty.get().url)
        #expect(done.code == 0, "\(done)")
        #expect(try place.ids("fetch/v1").count == 3)
        let log = try Data(contentsOf: #require(URL(string: "\(Self.faulty.get().url)/_log/\(bucket)")))
        let paths = try #require(try JSON(parsing: [UInt8](log)).array).compactMap { $0["path"]?.string }
            .filter { $0.contains(".bin") }
        #expect(paths.count == 4 && paths.last?.hasSuffix("one-1000.bin") == true, "\(paths)")
    }

    @Test func `hostile keys are refused, or stored apart`() throws {
        let place = try Workplace()
        let before = try Tree(place.path, skipping: ["data"])
        let done = try fetch(place, fresh("hostile") + "p/", endpoint: Self.faulty.get().url)
        #expect(done.code == 0, "\(done)")
        let stored = [
            "/etc/x-10.bin", String(repeating: "x", count: 300) + "-10.bin", "Case-10.bin", "case-10.bin",
            "\u{E9}-10.bin",
            "e\u{301}-10.bin", "good-10.bin",
        ]
        // As bytes: to Swift's strings the two normal forms are one.
        let ids = try place.ids("fetch/v1").map { Array($0.utf8) }
        #expect(Set(ids) == Set(stored.map { Array($0.utf8) }) && ids.count == stored.count)
        let objects = try place.ledger("fetch/v1").compactMap { $0["fetch"]?["object"]?.string }
        #expect(Set(objects.map { $0.lowercased() }).count == stored.count, "apart wherever case does not count")
        let reasons = try place.rejects("fetch/v1").compactMap { $0["reason"]?.string }
        #expect(reasons == Array(repeating: "bad_key", count: 4))
        #expect(try Tree(place.path, skipping: ["data"]).differences(from: before).isEmpty)
        #expect(try place.program("batches", ["verify", "small"]).run().code == 0)
    }

    @Test func `escaping keys are rejected, and nothing is written outside`() throws {
        let place = try Workplace()
        let before = try Tree(place.path, skipping: ["data"])
        let done = try fetch(place, fresh("escape") + "p/", endpoint: Self.faulty.get().url)
        #expect(done.code == 0, "\(done)")
        // Neither is an object of a sibling prefix, which the store also lists, mistaken for one of ours.
        #expect(try place.ids("fetch/v1") == ["/abs-10.bin", "good-10.bin"])
        let reasons = try place.rejects("fetch/v1").compactMap { $0["reason"]?.string }
        #expect(reasons == Array(repeating: "bad_key", count: 5))
        #expect(try Tree(place.path, skipping: ["data"]).differences(from: before).isEmpty)
    }
}
