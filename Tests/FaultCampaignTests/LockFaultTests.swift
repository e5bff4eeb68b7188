import Glibc
import TestKit
import TestTools
import Testing

/// One writer per stage: a second is refused at once, and a killed writer leaves nothing locked.
@Suite(.tags(.slow)) struct LockFaultTests {
    @Test(arguments: Binaries.chain) func `a second run is refused, and a killed one holds no lock`(_ tool: String)
        throws
    {
        let undisturbed = try Undisturbed(tool)
        let place = try Workplace(copying: undisturbed.before)
        // The first run is stopped in the middle of its work: it does not end by itself.
        let first = try place.program(
            tool, ["small", Workplace.batch], environment: ["NOCTURNE_FAULT": "rename:1:STOP"]
        ).start()
        #expect(try first.waitsUntilStopped())
        let second = try place.run(tool)
        #expect(second.code == 75, "\(second)")
        #expect(second.err.contains("another run is writing") && second.err.contains("later"), "\(second)")
        // The first never ends, so the second did not wait for it; a second would be enough, the rest allows for a busy
        // machine.
        #expect(second.seconds < 20, "it is refused at once: \(second.seconds) s")
        first.signal(SIGKILL)
        #expect(try first.finish().signal == SIGKILL)
        let differences = try undisturbed.differences(afterRerunIn: place)
        #expect(differences.isEmpty, "\(differences)")
    }

    @Test func `a decoder that outlives its tool holds no lock`() throws {
        let undisturbed = try Undisturbed("clean")
        let place = try Workplace(copying: undisturbed.before)
        // Stopped after the first part, so that there are decoders.
        let first = try place.program(
            "clean", ["small", Workplace.batch], environment: ["NOCTURNE_FAULT": "rename:3:STOP"]
        ).start()
        #expect(try first.waitsUntilStopped())
        let decoders = try first.descendants()
        #expect(!decoders.isEmpty)
        for decoder in decoders {
            let held = try ProcessTable.openFiles(of: decoder).filter { $0.hasPrefix(place[place.stage("clean")]) }
            #expect(held.isEmpty, "a decoder has files of the stage open: \(held)")
            kill(decoder, SIGSTOP)
        }
        defer { for decoder in decoders { kill(decoder, SIGKILL) } }
        first.signal(SIGKILL)
        #expect(try first.finish().signal == SIGKILL)
        #expect(decoders.allSatisfy { kill($0, 0) == 0 }, "the decoders are to outlive the tool here")
        let differences = try undisturbed.differences(afterRerunIn: place)
        #expect(differences.isEmpty, "\(differences)")
    }
}
