import Digests
import Durable
import Fault
import Foundation
import Synchronization
import TestKit
import TestServers
import Testing
import Transfer

/// The engine against a server that misbehaves.
@Suite(.tags(.server)) struct TransferEngineTests {
    private static let server = Result { try TestServer.faulty() }
    private let server: TestServer
    private let engine: TransferEngine
    private let scratch: ScratchFolder

    init() throws {
        server = try Self.server.get()
        engine = try TransferEngine()
        scratch = try ScratchFolder()
    }

    private func get(
        _ path: String, into destination: BodyDestination = .memory(limit: 10_000_000),
        change: (inout HTTPRequest) -> Void = { _ in }
    ) throws -> TransferResult {
        var request = HTTPRequest(url: path.hasPrefix("http") ? path : server.url + path)
        change(&request)
        let mailbox = try Mailbox<TransferResult>()
        engine.start(request, into: destination) { mailbox.post($0) }
        return try #require(mailbox.take(waiting: 60).first)
    }

    private func failure(_ result: TransferResult) throws -> TransferFailure {
        guard case .failure(let failure) = result else {
            throw Fault(.defect, "the transfer succeeded")
        }
        return failure
    }

    @Test func `a body goes into memory`() throws {
        let response = try get("/plain.memory/a/one-1000.bin").get()
        #expect(response.head.status == 200)
        #expect(response.body.count == 1000)
        #expect(response.receivedBytes == 1000)
        #expect(response.endIsKnown)
        #expect(response.head["etag"]?.hasPrefix("\"") == true)
    }

    @Test func `a body goes into a file at an offset`() throws {
        let whole = try get("/plain.file/a/one-1000.bin").get().body
        let path = scratch["object"]
        let file = try TransferFile(creating: path)
        _ = try get("/plain.file/a/one-1000.bin", into: .file(file, offset: 7, limit: 1000)).get()
        #expect(try AtomicFile.read(path) == [UInt8](repeating: 0, count: 7) + whole)
    }

    @Test func `a signed body is what botocore would sign`() throws {
        let body = Array(#"{"QueueUrl": "somewhere", "MaxNumberOfMessages": 10}"#.utf8)
        func post(_ change: (inout HTTPRequest) -> Void = { _ in }) throws -> Int {
            try get("/signed.post/") { request in
                request.method = .post(body)
                request.bodySHA256 = Digest(of: body).hex
                request.headers = [
                    HTTPHeader("content-type", "application/x-amz-json-1.0"),
                    HTTPHeader("x-amz-target", "AmazonSQS.ReceiveMessage"),
                ]
                request.signing = SigV4(
                    accessKey: "AKID:with/odd+chars", secretKey: "secret/with+odd=chars", sessionToken: nil,
                    region: "eu-test-1")
                change(&request)
            }.get().head.status
        }
        #expect(try post() == 200)
        #expect(try post { $0.bodySHA256 = Digest(of: []).hex } == 403, "the hash is the body's")
        #expect(try post { $0.signing = nil } == 403)
    }

    @Test func `a range is requested`() throws {
        let whole = try get("/plain.range/a/one-1000.bin").get().body
        let part = try get("/plain.range/a/one-1000.bin") { $0.range = ByteRange(first: 10, last: 19) }.get()
        #expect(part.head.status == 206)
        #expect(part.body == Array(whole[10...19]))
        let rest = try get("/plain.range/a/one-1000.bin") { $0.range = ByteRange(first: 990, last: nil) }.get()
        #expect(rest.body == Array(whole[990...]))
        let beyond = try get("/plain.range/a/one-1000.bin") { $0.range = ByteRange(first: 900, last: 5000) }.get()
        #expect(beyond.body == Array(whole[900...]))
    }

    @Test func `an ignored range is not a success`() throws {
        let result = try get("/norange.engine/large-3000000.bin") { $0.range = ByteRange(first: 10, last: 19) }
        #expect(try failure(result).kind == .rangeIgnored)
        #expect(try failure(result).receivedBytes == 0)
    }

    @Test func `a cut body is interrupted`() throws {
        let broken = try failure(try get("/cutonce.engine/one-70000.bin"))
        #expect(broken.kind == .interrupted)
        #expect(broken.receivedBytes == 70_000 * 2 / 3)
        #expect(broken.head?.status == 200)
    }

    @Test func `chunks that end early are interrupted`() throws {
        #expect(try failure(try get("/chunkedcut.engine/one-1000.bin")).kind == .interrupted)
        let whole = try get("/chunkedcut.engine/one-1000.bin").get()
        #expect(whole.body.count == 1000)
        #expect(whole.endIsKnown)
    }

    @Test func `a stall ends`() throws {
        let start = Date()
        let stalled = try failure(
            try get("/stall.engine/one-70000.bin") { $0.timeouts.stallSeconds = 1 })
        #expect(stalled.kind == .stalled)
        #expect(stalled.receivedBytes == 35_000)
        #expect(Date().timeIntervalSince(start) < 20)
    }

    @Test func `a server that is not there is unreachable`() throws {
        #expect(try failure(try get("http://127.0.0.1:1/")).kind == .noConnection)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[broken/"]) func `an unusable URL is refused`(
        _ url: String
    ) throws {
        let result = try get("/redirected.engine/one-1000.bin") { $0.url = url }
        #expect(try failure(result).kind == .unusable)
    }

    @Test func `a body that is too large is refused`() throws {
        #expect(try failure(try get("/plain.limit/a/one-1000.bin", into: .memory(limit: 999))).kind == .tooLarge)
        let file = try TransferFile(creating: scratch["small"])
        let result = try get("/endless.engine/one-1000.bin", into: .file(file, offset: 0, limit: 100_000))
        #expect(try failure(result).kind == .tooLarge)
    }

    @Test func `a refusal is a response`() throws {
        let refusal = try get("/forbidden.engine/one-1000.bin").get()
        #expect(refusal.head.status == 403)
        #expect(String(decoding: refusal.body, as: UTF8.self).contains("AccessDenied"))
    }

    @Test func `a refusal never reaches the file`() throws {
        let path = scratch["refused"]
        let file = try TransferFile(creating: path)
        _ = try get("/forbidden.file/one-1000.bin", into: .file(file, offset: 0, limit: 100_000)).get()
        #expect(try AtomicFile.read(path).isEmpty)
    }

    @Test func `redirects are followed only when allowed`() throws {
        #expect(try get("/redirected.off/one-1000.bin").get().head.status == 302)
        let followed = try get("/redirected.on/one-1000.bin") { $0.redirects = 3 }.get()
        #expect(followed.head.status == 200)
        #expect(followed.body.count == 1000)
        let result = try get("/redirectloop.engine/one-1000.bin") { $0.redirects = 3 }
        #expect(try failure(result).kind == .unusable)
    }

    @Test func `a header smuggles nothing`() throws {
        let result = try get("/plain.smuggle/a/one-1000.bin") { $0.headers = [HTTPHeader("X-A", "b\r\nX-Evil: 1")] }
        #expect(try failure(result).kind == .unusable)
        #expect(try server.log("plain.smuggle").isEmpty)
    }

    @Test func `a body without an end is marked`() throws {
        let response = try get("/nolength/index.jsonl").get()
        #expect(!response.endIsKnown)
    }

    @Test func `a running transfer is cancelled`() throws {
        let mailbox = try Mailbox<TransferResult>()
        let id = engine.start(
            HTTPRequest(url: server.url + "/stall.cancel/one-70000.bin"), into: .memory(limit: 100_000)
        ) {
            mailbox.post($0)
        }
        #expect(mailbox.take(waiting: 0.3).isEmpty)
        engine.cancel(id)
        let result = try #require(mailbox.take(waiting: 5).first)
        #expect(try failure(result).kind == .cancelled)
    }

    @Test func `releasing a transfer cancels it`() throws {
        let mailbox = try Mailbox<TransferResult>()
        do {
            let shortLived = try TransferEngine()
            shortLived.start(HTTPRequest(url: server.url + "/stall.letgo/one-70000.bin"), into: .memory(limit: 100_000))
            {
                mailbox.post($0)
            }
        }
        let result = try #require(mailbox.take(waiting: 5).first)
        #expect(try failure(result).kind == .cancelled)
    }

    @Test func `many at once over few connections`() throws {
        let mailbox = try Mailbox<TransferResult>()
        for _ in 0..<20 {
            for _ in 0..<10 {
                engine.start(
                    HTTPRequest(url: server.url + "/plain.many/a/one-1000.bin"), into: .memory(limit: 1000)
                ) { mailbox.post($0) }
            }
            var ended = 0
            while ended < 10 {
                for result in mailbox.take(waiting: 20) {
                    #expect(try result.get().body.count == 1000)
                    ended += 1
                }
            }
        }
        let log = try server.log("plain.many")
        #expect(log.count == 200)
        #expect(Set(log.map(\.connection)).count <= 10)
    }

    /// Keys with every difficult character; the server recomputes each request's signature with botocore.
    @Test func `requests are signed as botocore does`() throws {
        let keys = [
            "plain-10.bin", "with space-10.bin", "plus+plus-10.bin", "equals=amp&-10.bin", "percent%2Fpercent%-10.bin",
            "ünï-cödé-10.bin", "日本語-10.bin", "😀-10.bin", "a//double-10.bin", "(paren)!*'-10.bin",
            "semi;colon:at@-10.bin", "comma,dollar$-10.bin", "hash#question?-10.bin", "tilde~under_dot.dash-10.bin",
            "bracket[]{}|^`-10.bin", "back\\slash-10.bin", "quote\"<>-10.bin",
        ]
        let queries: [[(name: String, value: String)]] = [
            [], [("list-type", "2"), ("prefix", "a b/c+d=é/"), ("max-keys", "5"), ("continuation-token", "token/+=0")],
            [("versionId", ""), ("a-b", "1"), ("a", "%~*")],
        ]
        for key in keys {
            for query in queries {
                for token in [nil, "session/+=token"] {
                    let queryText = query.isEmpty ? "" : "?" + CanonicalURL.query(query)
                    let response = try get("/signed.engine/\(CanonicalURL.path(key.utf8))\(queryText)") {
                        $0.signing = SigV4(
                            accessKey: "AKID:with/odd+chars", secretKey: "secret/with+odd=chars", sessionToken: token,
                            region: "eu-test-1")
                        $0.range = query.isEmpty ? ByteRange(first: 0, last: 4) : nil
                        $0.ifMatch = token
                        $0.headers = [HTTPHeader("x-amz-checksum-mode", "ENABLED")]
                    }.get()
                    #expect(response.head.status != 403, "\(key) \(queryText)")
                }
            }
        }
    }

    @Test func `a wrong secret is refused`() throws {
        let response = try get("/signed.wrong/plain-10.bin") {
            $0.signing = SigV4(
                accessKey: "AKID:with/odd+chars", secretKey: "another", sessionToken: nil, region: "eu-test-1")
        }.get()
        #expect(response.head.status == 403)
    }

    @Test func `an untrusted certificate is recognized`() throws {
        let secure = try TestServer("fault_server.py", ["--tls"])
        #expect(try failure(try get(secure.url + "/plain/a/one-1000.bin")).kind == .untrusted)
    }
}
