import Glibc
import TestKit
import TestTools
import Testing

/// A disk that fails or is full: exit code 74, nothing sealed is damaged, and the next run gives the bytes of an
/// undisturbed one.
@Suite(.tags(.slow)) struct DiskFaultTests {
    /// A tool, and how its disk fails.
    struct Trouble: CustomTestStringConvertible, Sendable {
        let tool: String
        let plan: String
        var testDescription: String { "\(tool) \(plan)" }
    }

    static let passing = Binaries.chain.flatMap { tool in
        ["fsync:1:ENOSPC", "fsync:3:EIO", "write:1:ENOSPC", "rename:1:EIO", "mkdir:1:ENOSPC", "open:2:EROFS"]
            .map { Trouble(tool: tool, plan: $0) }
    }

    /// A full disk stays full, and a read-only one read-only: clean-up meets the same error.
    static let lasting = Binaries.chain.flatMap { tool in
        ["any:1+:EROFS", "any:1+:ENOSPC", "any:8+:ENOSPC", "any:20+:ENOSPC", "write:2+:ENOSPC", "fsync:1+:EIO"]
            .map { Trouble(tool: tool, plan: $0) }
    }

    @Test(arguments: passing + lasting) func `a failing disk is reported and does no harm`(_ trouble: Trouble) throws {
        let undisturbed = try Undisturbed(trouble.tool)
        let place = try Workplace(copying: undisturbed.before)
        let failed = try place.run(trouble.tool, environment: ["NOCTURNE_FAULT": trouble.plan])
        #expect(failed.code == 74, "\(failed)")
        #expect(failed.out.isEmpty, "\(failed)")
        #expect(failed.err.contains("data/small"), "the message names the file: \(failed)")
        #expect(place.current(trouble.tool) == nil)
        let differences = try undisturbed.differences(afterRerunIn: place)
        #expect(differences.isEmpty, "\(differences)")
    }

    @Test(arguments: Binaries.chain, Campaign.isWhole ? ["ENOSPC", "EIO"] : ["ENOSPC"])
    func `whichever call fails, the next run repairs it`(_ tool: String, _ effect: String) throws {
        let undisturbed = try Undisturbed(tool)
        var (call, failures) = (1, 0)
        while true {
            try #require(call < 10_000, "the fault never passes")
            let plan = "any:\(call):\(effect)"
            let place = try Workplace(copying: undisturbed.before)
            let failed = try place.run(tool, environment: ["NOCTURNE_FAULT": plan])
            let didStrike = failed.code != 0
            if didStrike {
                failures += 1
                #expect(failed.code == 74, "\(plan): \(failed)")
                #expect(failed.out.isEmpty && failed.err.contains("data/small"), "\(plan): \(failed)")
                let wrong = try undisturbed.wrongSeals(in: place)
                #expect(wrong.isEmpty, "after \(plan): \(wrong)")
            }
            let differences = try undisturbed.differences(afterRerunIn: place)
            #expect(differences.isEmpty, "after \(plan): \(differences)")
            // Some calls are advisory, such as the log's: losing them is not a failure.
            if !didStrike, try passes(tool, undisturbed, beyond: call, effect) { break }
            call = Campaign.call(after: call)
        }
        #expect(failures >= 5, "\(tool) makes more file operations than \(call)")
    }

    /// Whether a tool makes no further call, so that a disk failing permanently from there on does not affect it.
    private func passes(_ tool: String, _ undisturbed: Undisturbed, beyond call: Int, _ effect: String) throws -> Bool {
        let place = try Workplace(copying: undisturbed.before)
        return try place.run(tool, environment: ["NOCTURNE_FAULT": "any:\(call)+:\(effect)"]).code == 0
    }

    @Test func `an unwritable root is named`() throws {
        let place = try Workplace()
        try place.write("data", "a file where the root should be")
        let done = try place.run("fetch")
        #expect(done.code == 74, "\(done)")
        #expect(done.err.contains("'data"), "\(done)")
    }

    @Test func `an invalid fault plan is wrong usage`() throws {
        let done = try Workplace().run("fetch", environment: ["NOCTURNE_FAULT": "sometimes"])
        #expect(done.code == 64, "\(done)")
    }
}
