import BatchFormat
import Durable
import Fault
import FetchStage
import PipelineConfig
import StageRun
import Synchronization
import TestBatches
import TestKit
import TestServers
import Testing
import Transfer

/// A watch that is notified of new objects by a queue: moto's S3 and SQS.
@Suite(.tags(.server)) struct QueueTests {
    private let batch: TestBatch
    private let server: TestServer

    init() throws {
        batch = try TestBatch()
        server = try TestServer.moto()
    }

    private func put(_ names: String...) throws {
        let objects = names.map { StoredObject(bucket: "uploads", key: "night/\($0)", text: "bytes of \($0)") }
        try TestPython.put(objects, endpoint: server.url, accessKey: "anyone", secretKey: "anything")
    }

    /// Puts messages into a queue; returns its URL.
    @discardableResult private func send(_ messages: [String], to queue: String) throws -> String {
        try Self.send(messages, to: queue, server.url)
    }

    private static func send(_ messages: [String], to queue: String, _ endpoint: String) throws -> String {
        let said = try TestPython.run(
            "queue_of_notices.py", [endpoint, "send", queue], input: messages.map { $0 + "\n" }.joined())
        return said.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// How many messages are visible, and in flight.
    private func count(_ queue: String) throws -> String {
        let said = try TestPython.run("queue_of_notices.py", [server.url, "count", queue])
        return said.split(separator: "\n").first.map(String.init) ?? ""
    }

    private static func notice(_ event: String, _ key: String, bucket: String = "uploads") -> String {
        #"{"Records": [{"eventName": "\#(event)", "s3": {"bucket": {"name": "\#(bucket)"}, "object": {"key": "\#(key)"}}}]}"#
    }

    private func watch(
        _ queue: String, isStopped: @escaping @Sendable () -> Bool, heard: @escaping @Sendable (Event) -> Void
    ) throws -> StageOutcome {
        let config = try PipelineConfig.parse(
            text: """
                format = 1
                [fetch]
                source = "s3://uploads/night/"
                endpoint = "\(server.url)"
                queue = "\(queue)"
                part_wait = "0 s"
                """, fileName: "pipeline.toml")
        let stage = Fetch(
            try config.stage(named: "fetch"),
            environment: ["AWS_ACCESS_KEY_ID": "anyone", "AWS_SECRET_ACCESS_KEY": "anything"],
            watch: Watch(until: nil, time: .system, isStopped: isStopped))
        return try StageRunner(batch.request(), RunContext(jobs: 2, events: EventLog(listener: heard))).run(stage)
    }

    @Test func `notices are deleted once their part is sealed`() throws {
        try put("a.wav", "b c.wav", "d.wav")
        // a.wav is in the first listing, and comes twice here; the others are announced during the run.
        let url = try send(
            [
                Self.notice("ObjectCreated:Put", "night/a.wav"), Self.notice("ObjectCreated:Put", "night/a.wav"),
                #"{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"}"#,
                Self.notice("ObjectRemoved:Delete", "night/gone.wav"), "this is not a notice",
                Self.notice("ObjectCreated:Put", "other/x.wav"),
            ], to: "notices")
        let seen = Mutex<Set<String>>([])
        let warned = Mutex(0)
        let endpoint = server.url
        let outcome = try watch(url) {
            seen.withLock { $0.contains("e.wav") }
        } heard: { event in
            if event.name == "notice_kept" { warned.withLock { $0 += 1 } }
            guard event.name == "part_sealed" else { return }
            if seen.withLock({ $0.insert("first").inserted }) {
                try? TestPython.put(
                    [StoredObject(bucket: "uploads", key: "night/e f.wav", text: "late")], endpoint: endpoint,
                    accessKey: "anyone", secretKey: "anything")
                _ = try? Self.send([Self.notice("ObjectCreated:Put", "night/e+f.wav")], to: "notices", endpoint)
            } else {
                seen.withLock { _ = $0.insert("e.wav") }
            }
        }
        #expect(outcome.status == .current)
        let version = try VersionReader(outcome.path)
        let parts = try version.seal.parts.indices.map { try version.part($0).items().map(\.id.text) }
        #expect(parts == [["a.wav", "b c.wav", "d.wav"], ["e f.wav"]])
        #expect(
            warned.withLock { $0 } == 2,
            "one message is not a notification, one belongs to another source; neither is reported twice")
        #expect(try count("notices") == "0 2", "these two stay in the queue, for a while unseen")
    }

    @Test func `a queue that is not there is missing`() throws {
        try put("a.wav")
        let url = try send([], to: "there").replacing("/there", with: "/nowhere")
        let fault = #expect(throws: Fault.self) { _ = try watch(url, isStopped: { false }, heard: { _ in }) }
        #expect(fault?.kind == .missing, "\(String(describing: fault))")
    }
}
