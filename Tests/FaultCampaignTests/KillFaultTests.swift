import Foundation
import Glibc
import TestKit
import TestTools
import Testing

/// SIGKILL at any moment loses at most the current part: the next run gives the bytes of an undisturbed one.
@Suite(.tags(.slow)) struct KillFaultTests {
    @Test(arguments: Binaries.chain) func `a run killed at a random moment leaves no trace`(_ tool: String) throws {
        let undisturbed = try Undisturbed(tool)
        var chance = SeededGenerator(seed: SeededGenerator.seed)
        let rounds = Campaign.count(10, whole: 100)
        var (killed, longest) = (0, undisturbed.seconds)
        for _ in 1...rounds {
            let place = try Workplace(copying: undisturbed.before)
            let moment = Double.random(in: 0...longest, using: &chance)
            let running = try place.program(tool, ["small", Workplace.batch]).start()
            usleep(UInt32(moment * 1e6))
            running.killAll()
            let done = try running.finish()
            // The machine may be less busy now than it was when the run was timed.
            if done.signal == SIGKILL { killed += 1 } else { longest = min(longest, done.seconds) }
            let differences = try undisturbed.differences(afterRerunIn: place)
            #expect(
                differences.isEmpty,
                "after SIGKILL after \(moment) s (NOCTURNE_SEED=\(SeededGenerator.seed)): \(differences)")
        }
        #expect(killed >= rounds / 4, "\(killed) of \(rounds) runs were hit while they ran")
    }

    @Test(arguments: Binaries.chain) func `a run killed at any file operation leaves no trace`(_ tool: String) throws {
        let undisturbed = try Undisturbed(tool)
        var (call, killed) = (1, 0)
        while true {
            let place = try Workplace(copying: undisturbed.before)
            let done = try place.run(tool, environment: ["NOCTURNE_FAULT": "any:\(call):KILL"])
            if done.signal == nil {
                #expect(done.code == 0, "\(done)")
                break
            }
            killed += 1
            let wrong = try undisturbed.wrongSeals(in: place)
            #expect(wrong.isEmpty, "after any:\(call):KILL: \(wrong)")
            let differences = try undisturbed.differences(afterRerunIn: place)
            #expect(differences.isEmpty, "after any:\(call):KILL: \(differences)")
            call = Campaign.call(after: call)
        }
        #expect(killed >= 5, "\(tool) makes more file operations than \(call)")
    }

    @Test(arguments: Binaries.chain) func `a run killed again and again still finishes`(_ tool: String) throws {
        let undisturbed = try Undisturbed(tool)
        let place = try Workplace(copying: undisturbed.before)
        // More calls than one part needs, fewer than all do: every run gets a little further.
        for call in stride(from: 30, through: 400, by: 10) {
            let done = try place.run(tool, environment: ["NOCTURNE_FAULT": "any:\(call):KILL"])
            if done.signal == nil { break }
        }
        let differences = try undisturbed.differences(afterRerunIn: place)
        #expect(differences.isEmpty, "after many kills in a row: \(differences)")
    }
}
