import BatchFormat
import Digests
import Durable
import Fault
import JSON
import StageRun
import TestBatches
import TestKit
import Testing

/// A disk that fails at any call leaves nothing that a later run does not repair.
@Suite(.tags(.slow)) struct FaultAtEveryCallTests {
    private static let before = [[TestItem("a", samples: [1, 2])], [TestItem("b")]]
    private static let after = [before[0], [TestItem("b2", samples: []), .rejected("c", "silent")], [TestItem("d")]]

    /// The result of the runs if nothing goes wrong.
    private func undisturbed() throws -> [String: Digest] {
        let batch = try TestBatch()
        try batch.run("clean", Self.before)
        try batch.run("clean", Self.after)
        return try batch.contents("clean", 2)
    }

    @Test(arguments: ["ENOSPC", "EIO"])
    func `the next run gives the same bytes`(_ effect: String) throws {
        let expected = try undisturbed()
        var call = 0
        while true {
            call += 1
            let batch = try TestBatch()
            try batch.run("clean", Self.before)
            #expect(FaultInjection.arm("any:\(call):\(effect):\(batch.root)"))
            let fault: Fault? = {
                do throws(Fault) { try batch.run("clean", Self.after) } catch { return error }
                return nil
            }()
            guard FaultInjection.disarm(folder: batch.root) else {
                #expect(fault == nil, "call \(call), before its turn")
                break
            }
            // The log is advisory; any other disk error ends the run.
            if let fault { #expect(fault.kind == .disk, "call \(call): \(fault)") }
            let folder = try batch.folder("clean")
            let current = try #require(folder.current())
            #expect(try Verification.verify(version: folder.version(current)).damages.isEmpty, "call \(call)")
            let again = try batch.run("clean", Self.after)
            #expect(again.outcome.status == .current, "call \(call)")
            #expect(again.outcome.path == batch.path("clean", 2), "call \(call)")
            #expect(try batch.contents("clean", 2) == expected, "call \(call)")
            #expect(try Verification.verify(version: batch.path("clean", 2)).damages.isEmpty, "call \(call)")
        }
        #expect(call > 40)
    }

    @Test func `a log that cannot be written does not stop a run`() throws {
        let folder = try TestBatch().path("log")
        try Folders.makeAll(folder)
        // Writing there fails as on a full disk.
        try Folders.pointLink("\(folder)/events.jsonl", at: "/dev/full")
        let events = EventLog()
        try events.open(inVersion: folder)
        for _ in 0..<3 { events.record(Explained("into a full disk")) }
    }
}
