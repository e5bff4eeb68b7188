import Fault
import Foundation
import TestKit
import Testing

/// The one table of exit codes, and what is made from it.
struct ToolExitTests {
    @Test(arguments: ToolExit.all) func `every code has words of its own`(_ status: ToolExit) {
        #expect(ToolExit(code: status.code) == status)
        #expect(status.name != "unknown" && !status.meaning.isEmpty && !status.remedy.isEmpty)
        #expect(status.isRetried == [69, 75].contains(status.code))
        #expect(status.isStop == [130, 143].contains(status.code))
        #expect(status.isDone == (status.code == 0))
    }

    @Test(arguments: Fault.Kind.all) func `every kind of failure is in the table under its name`(_ kind: Fault.Kind) {
        let status = ToolExit(kind)
        #expect(status.code == kind.exitCode && status.name == kind.description && status.kind == kind)
        #expect(ToolExit.all.contains(status))
    }

    @Test func `a full disk_budget is not cron's to fix`() {
        #expect(ToolExit(.retryLater).remedy.contains("disk_budget"))
        #expect(ToolExit(.retryLater).remedy.contains("'nocturne stream'"))
    }

    @Test func `killed, crashed and unknown are told apart`() {
        #expect(ToolExit(code: 137) == .killed && ToolExit.killed.isSudden)
        #expect(ToolExit.killed.meaning.contains("memory ran out") && ToolExit.killed.remedy.contains("dmesg"))
        #expect(ToolExit(code: 139).meaning == "the tool crashed (SIGSEGV)" && ToolExit(code: 139).isSudden)
        for code: Int32 in [1, 2, 129] {
            #expect(ToolExit(code: code).name == "unknown" && ToolExit(code: code).kind == nil)
        }
    }

    @Test func `the help of a command lists what it can end with`() {
        let lines = ToolExit.help([.heldBack, .unavailable], meanings: [10: "a night is late"]).split(separator: "\n")
        #expect(
            lines == [
                "EXIT STATUS", "    0  sealed and current", "   10  a night is late",
                "   69  a service is unavailable after retries",
                "  128+n  ended by signal n: 137 killed (often because memory ran out), 139 crashed, 141 output not read",
                "  Retry 69, and nothing else.",
            ])
        #expect(ToolExit.help().split(separator: "\n").count == Fault.Kind.all.count + 4)
    }

    @Test func `the documentation has the same table`() throws {
        let file = URL(fileURLWithPath: Checkout.path("docs/operations.md"))
        let text = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(text.range(of: "| code | what happened |"))
        let end = text.range(of: "\n\n", range: start.lowerBound..<text.endIndex)?.lowerBound ?? text.endIndex
        let table = ToolExit.table.trimmingCharacters(in: .newlines)
        if text[start.lowerBound..<end] != table, ProcessInfo.processInfo.environment["NOCTURNE_RECORD"] != nil {
            try (text[..<start.lowerBound] + table + text[end...]).write(to: file, atomically: true, encoding: .utf8)
        }
        // Recording also fails, so that it cannot be mistaken for a pass.
        #expect(text[start.lowerBound..<end] == table, "run again with NOCTURNE_RECORD=1, which writes it")
    }
}
