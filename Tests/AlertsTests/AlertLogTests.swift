import Alerts
import Durable
import Fault
import JSON
import TestKit
import Testing

/// `alerts.jsonl`: each cause is recorded once, whatever dies in between.
struct AlertLogTests {
    private let scratch: ScratchFolder
    private let log: AlertLog

    init() throws {
        scratch = try ScratchFolder()
        log = AlertLog(batchFolder: scratch["digits/2026-11-20"])
    }

    private func append(_ text: String) throws {
        let file = try FileHandle.appending(log.path)
        try Array(text.utf8).withUnsafeBytesTyped { (raw) throws(Fault) in try file.write(raw) }
    }

    @Test func `a good night leaves no file`() throws {
        #expect(try log.raise([], at: "now").isEmpty)
        #expect(try log.alerts().isEmpty)
        #expect(!Folders.exists(log.path))
    }

    @Test func `what was raised reads back as it was`() throws {
        let alert = Alert.example(detail: ["exit_code": 69, "share": 0.5, "of": ["a", nil]])
        let late = Alert.example(.nightLate, stage: nil, cause: "due")
        let raised = try log.raise([alert, late], at: "2026-11-20T06:00:00.000Z")
        #expect(raised.map(\.alert) == [alert, late])
        #expect(
            raised.map(\.id) == [
                "digits/2026-11-20/infer/stage_failed/exit-69", "digits/2026-11-20/-/night_late/due",
            ])
        #expect(try log.alerts() == raised)
    }

    @Test func `one cause is raised once`() throws {
        #expect(try log.raise([.example(), .example()], at: "1").count == 1)
        #expect(try log.raise([.example()], at: "2").isEmpty)
        #expect(try log.raise([.example(cause: "exit-78"), .example(stage: "clean")], at: "3").count == 2)
        #expect(try log.alerts().count == 3)
    }

    @Test func `a cause that has gone and comes back is another alert`() throws {
        let first = try log.raise([.example()], at: "1")
        try log.resolve(first.map(\.id), at: "2")
        #expect(try log.alerts().map(\.isResolved) == [true])
        let second = try log.raise([.example()], at: "3")
        #expect(second.map(\.id) == ["digits/2026-11-20/infer/stage_failed/exit-69#2"])
        #expect(try log.raise([.example()], at: "4").isEmpty)
        #expect(try log.alerts().map(\.isResolved) == [true, false])
    }

    @Test(arguments: [1, 20, 60]) func `a line that a dying process left half written spoils itself alone`(_ kept: Int)
        throws
    {
        try log.raise([.example()], at: "1")
        let line = try AtomicFile.read(log.path)
        try append(String(decoding: line.prefix(kept), as: UTF8.self))
        #expect(try log.alerts().count == 1)
        #expect(try log.raise([.example(cause: "exit-74")], at: "2").count == 1)
        #expect(try log.alerts().map(\.alert.cause) == ["exit-69", "exit-74"])
    }

    @Test func `lines of a later release are passed over`() throws {
        try log.raise([.example()], at: "1")
        try append(#"{"record": "raised", "id": "x", "kind": "solar_flare"}"# + "\n[1]\n\n\u{0}\n")
        #expect(try log.alerts().count == 1)
    }
}
