import Glibc
import TestKit
import TestTools
import Testing

/// SIGTERM at any moment: exit code 143 soon after, sealed parts stay, and the next run gives the bytes of an
/// undisturbed one.
@Suite(.tags(.slow)) struct StopFaultTests {
    @Test(arguments: Binaries.chain) func `a run terminated at any file operation stops cleanly`(_ tool: String) throws
    {
        let undisturbed = try Undisturbed(tool)
        var (call, stopped) = (1, 0)
        while true {
            let plan = "any:\(call):TERM"
            let place = try Workplace(copying: undisturbed.before)
            let done = try place.run(tool, environment: ["NOCTURNE_FAULT": plan])
            // A tool that is stopped after its last item has finished, and may say so.
            #expect(done.code == 143 || (done.code == 0 && place.current(tool) == "v1"), "\(plan): \(done)")
            if done.code == 143 {
                stopped += 1
                #expect(done.signal == nil && done.out.isEmpty && done.err.contains("run it again"), "\(plan): \(done)")
            }
            let wrong = try undisturbed.wrongSeals(in: place)
            #expect(wrong.isEmpty, "after \(plan): \(wrong)")
            let differences = try undisturbed.differences(afterRerunIn: place)
            #expect(differences.isEmpty, "after \(plan): \(differences)")
            if done.code == 0, try !strikes(plan, tool, undisturbed) { break }
            call = Campaign.call(after: call)
        }
        #expect(stopped >= 3, "\(tool) was stopped \(stopped) times up to call \(call)")
    }

    /// Whether a tool makes as many file operations as a plan needs, which is so if it can be killed there.
    private func strikes(_ plan: String, _ tool: String, _ undisturbed: Undisturbed) throws -> Bool {
        let place = try Workplace(copying: undisturbed.before)
        let kill = plan.replacing("TERM", with: "KILL")
        return try place.run(tool, environment: ["NOCTURNE_FAULT": kill]).signal == SIGKILL
    }

    @Test(arguments: Binaries.chain) func `a tool that is busy stops soon`(_ tool: String) throws {
        let place = try Workplace(copying: Undisturbed(tool).before)
        let running = try place.program(
            tool, ["small", Workplace.batch], environment: ["NOCTURNE_FAULT": "rename:1:STOP"]
        ).start()
        #expect(try running.waitsUntilStopped())
        let asked = ContinuousClock.now
        running.signal(SIGTERM)
        running.signal(SIGCONT)
        let done = try running.finish()
        #expect(done.code == 143, "\(done)")
        // Two seconds are promised; the rest allows for a busy machine.
        #expect(ContinuousClock.now - asked < .seconds(30))
        #expect(place.current(tool) == nil)
    }
}
