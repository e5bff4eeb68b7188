import Glibc
import Testing
import ToolSupport

/// A disk that fails or is full: exit code 74, nothing sealed is harmed, and the next run ends where an undisturbed one does.
@Suite struct DiskFaultTests {
    struct Trouble: CustomTestStringConvertible, Sendable {
        let tool: String
        let plan: String
        var testDescription: String { "\(tool) \(plan)" }
    }

    static let troubles = Binaries.chain.flatMap { tool in
        ["fsync:1:ENOSPC", "fsync:3:ENOSPC", "write:1:ENOSPC", "rename:1:EIO", "mkdir:1:ENOSPC", "open:2:EROFS"]
            .map { Trouble(tool: tool, plan: $0) }
    }

    @Test(arguments: troubles) func aFailingDiskIsToldAndDoesNoHarm(_ trouble: Trouble) throws {
        let place = try Workplace.finished()
        let whole = try Tree(place[place.stage(trouble.tool)])
        try place.remove(place.stage(trouble.tool))
        let failed = try place.run(trouble.tool, environment: ["NOCTURNE_FAULT": trouble.plan])
        #expect(failed.code == 74, "\(failed)")
        #expect(failed.out.isEmpty, "\(failed)")
        #expect(failed.err.contains("data/small"), "the message names the file: \(failed)")
        #expect(place.current(trouble.tool) == nil)
        try place.succeed(trouble.tool)
        let difference = try Tree(place[place.stage(trouble.tool)]).differences(from: whole)
        #expect(difference.isEmpty, "\(difference)")
    }

    @Test(arguments: Binaries.chain) func whicheverWriteFailsTheNextRunMendsIt(_ tool: String) throws {
        // Every call in the first two dozen, then ever sparser, until a run gets through untouched.
        let place = try Workplace.finished()
        let whole = try Tree(place[place.stage(tool)])
        var (count, step) = (0, 3)
        while true {
            count += step
            step = max(step, count / 4)
            try #require(count < 10_000, "the fault never passes")
            try place.remove(place.stage(tool))
            let failed = try place.run(tool, environment: ["NOCTURNE_FAULT": "any:\(count):ENOSPC"])
            // The log in events.jsonl is a courtesy: losing it is no reason to fail.
            #expect([0, 74].contains(failed.code), "any:\(count):ENOSPC: \(failed)")
            try place.succeed(tool)
            let difference = try Tree(place[place.stage(tool)]).differences(from: whole)
            #expect(difference.isEmpty, "after any:\(count):ENOSPC: \(difference)")
            if failed.code == 0 && count > 40 { break }
        }
    }

    @Test func anUnwritableRootIsToldByName() throws {
        let place = try Workplace()
        try place.write("data", "a file where the root should be")
        let done = try place.run("fetch")
        #expect(done.code == 74, "\(done)")
        #expect(done.err.contains("'data"), "\(done)")
    }

    @Test func aPlanThatIsNoneIsWrongUsage() throws {
        let done = try Workplace().run("fetch", environment: ["NOCTURNE_FAULT": "sometimes"])
        #expect(done.code == 64, "\(done)")
    }
}
