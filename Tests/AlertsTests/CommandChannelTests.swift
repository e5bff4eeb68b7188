import Alerts
import Durable
import Fault
import Foundation
import JSON
import TestKit
import Testing

/// The command that receives each alert.
struct CommandChannelTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func deliver(_ script: String, timeout: Double = 30, _ payload: [UInt8] = Array("{}".utf8)) throws {
        try CommandChannel(["sh", "-c", script, scratch["out"]], timeout: timeout).deliver(payload, id: "id")
    }

    @Test func `the alert comes on standard input, whole`() throws {
        // More than a pipe would hold.
        let raised = RaisedAlert(
            id: "an-id",
            alert: .example(detail: ["text": .string(String(repeating: "ä\"\n", count: 40_000))]), raisedAt: "then")
        let payload = raised.payload(host: "here")
        try deliver("cat >\"$0\"; echo thanks", payload)
        let read = try JSON(parsing: try AtomicFile.read(scratch["out"]))
        #expect(read["id"] == "an-id" && read["host"] == "here" && read["format"] == 1)
        #expect(read["kind"] == "stage_failed" && read["severity"] == "warning" && read["raised_at"] == "then")
        #expect(read["detail"]?.object == raised.alert.detail)
    }

    @Test func `a command that does not read is fine`() throws { try deliver("exit 0") }

    @Test func `a failure tells code and last words`() throws {
        let fault = #expect(throws: Fault.self) { try deliver("echo on it; echo mail: no route >&2; exit 7") }
        #expect(fault?.message == "'sh' ended with exit code 7: mail: no route")
        #expect(#expect(throws: Fault.self) { try deliver("kill -9 $$") }?.message == "'sh' ended with signal 9")
    }

    @Test func `a command that is not there is a failure`() throws {
        let fault = #expect(throws: Fault.self) {
            try CommandChannel([scratch["nothing"]], timeout: 1).deliver([], id: "id")
        }
        #expect(fault?.message.contains("nothing") == true)
    }

    @Test func `a command that hangs is killed with its children`() throws {
        let fault = #expect(throws: Fault.self) {
            try deliver("sleep 600 & echo $! >\"$0\"; wait", timeout: 1)
        }
        #expect(fault?.message.contains("killed") == true)
        let text = String(decoding: try AtomicFile.read(scratch["out"]), as: UTF8.self)
        let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // Only init is left to reap it, which may take a moment.
        try wait(for: "the end of the command's child", within: 60) { !ProcessTable.isRunning(child) }
    }
}
