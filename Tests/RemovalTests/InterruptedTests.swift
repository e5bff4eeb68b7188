import BatchFormat
import Durable
import Fault
import JSON
import Removal
import StageRun
import TestBatches
import TestKit
import Testing

/// Housekeeping that fails at any of its file operations leaves every version whole or gone, and a rerun finishes.
@Suite(.tags(.slow)) struct InterruptedTests {
    @Test func `housekeeping may be interrupted at every file operation`() throws {
        var operation = 1
        while true {
            let household = try Household()
            let batch = household.batch
            for ids in [["a"], ["a", "b"], ["a", "b", "c"]] {
                try household.fetch(ids.map { [$0] })
                try household.derive("clean", from: "fetch")
            }
            #expect(FaultInjection.arm("any:\(operation):EIO:\(batch.root)"))
            var fault: Fault?
            do throws(Fault) {
                try household.keepHouse(raw: 30 * 86400, now: Household.later)
            } catch {
                fault = error
            }
            let struck = FaultInjection.disarm(folder: batch.root)
            for stage in ["fetch", "clean"] {
                for number in try household.versions(stage) {
                    #expect(try household.verify(stage, number).damages == [], "operation \(operation)")
                }
            }
            if !struck {
                #expect(fault == nil)
                break
            }
            #expect(fault?.kind == .disk && fault?.message.contains(batch.root) == true, "operation \(operation)")
            try household.keepHouse(raw: 30 * 86400, now: Household.later)
            #expect(try household.versions("fetch") == [3] && household.versions("clean") == [3])
            #expect(try household.verify("fetch", 3).released == 3)
            #expect(try !Folders.names(in: batch.folder("fetch").path).contains { $0.hasPrefix(".tmp-") })
            #expect(try Folders.names(in: "\(batch.path("fetch", 3))/part-00000/objects").isEmpty)
            operation += 1
        }
        #expect(operation > 20, "there were operations to fail")
    }
}
