import Foundation
import Glibc
import Testing
import ToolSupport

/// SIGKILL at any instant loses at most the part in hand: the next run ends with the bytes of an undisturbed one.
@Suite struct KillTests {
    /// Where a stage starts from, and what an undisturbed run of it ends with.
    private struct Undisturbed {
        let before: Workplace
        let after: Tree
        let database: [[String]]
        let seconds: Double

        init(_ tool: String) throws {
            let place = try Workplace.finished()
            try place.remove(place.stage(tool))
            if tool == "store" { try place.remove("data/nocturne.db") }
            before = try Workplace(copying: place)
            let done = try place.run(tool)
            seconds = done.seconds
            after = try Tree(place[place.stage(tool)])
            database = try Self.content(place, tool)
        }

        static func content(_ place: Workplace, _ tool: String) throws -> [[String]] {
            guard tool == "store" else { return [] }
            // Times and sizes of runs, and when something was loaded, differ from run to run; nothing else may.
            return try [
                "SELECT * FROM predictions ORDER BY pipeline, batch, stage, item_id",
                "SELECT * FROM rejections ORDER BY pipeline, batch, stage, item_id",
                "SELECT pipeline, batch, stage, version, fingerprint, items, rejected, status, bytes_out FROM runs "
                    + "ORDER BY pipeline, batch, stage",
                "SELECT pipeline, batch, stage, version, digest, predictions, rejections FROM receipts "
                    + "ORDER BY pipeline, batch, stage",
            ].flatMap { try Rows.read(place["data/nocturne.db"], $0) }
        }

        func check(_ place: Workplace, _ tool: String, after disturbance: String) throws {
            let done = try place.run(tool)
            #expect(done.code == 0, "after \(disturbance): \(done)")
            let difference = try Tree(place[place.stage(tool)]).differences(from: after)
            #expect(difference.isEmpty, "after \(disturbance): \(difference)")
            #expect(try Self.content(place, tool) == database, "after \(disturbance) the database holds something else")
        }
    }

    @Test(arguments: Binaries.chain) func killedAtTwentyRandomMoments(_ tool: String) throws {
        let undisturbed = try Undisturbed(tool)
        var chance = SeededGenerator(seed: SeededGenerator.seed)
        var killed = 0
        for _ in 1...20 {
            let place = try Workplace(copying: undisturbed.before)
            let moment = Double.random(in: 0...undisturbed.seconds, using: &chance)
            let running = try place.program(tool, ["small", Workplace.batch]).start()
            usleep(UInt32(moment * 1e6))
            running.killAll()
            if try running.finish().signal == SIGKILL { killed += 1 }
            try undisturbed.check(
                place, tool, after: "SIGKILL after \(moment) s (NOCTURNE_SEED=\(SeededGenerator.seed))")
        }
        #expect(killed >= 5, "\(killed) of 20 runs were hit while they ran: the moments are not what they should be")
    }

    @Test(arguments: Binaries.chain) func killedAtAnyFileOperation(_ tool: String) throws {
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
            try undisturbed.check(place, tool, after: "any:\(call):KILL")
            call += max(1, call / 4)
        }
        #expect(killed >= 5, "\(tool) makes more file operations than \(call)")
    }

    @Test(arguments: Binaries.chain) func killedAgainAndAgainItStillArrives(_ tool: String) throws {
        let undisturbed = try Undisturbed(tool)
        let place = try Workplace(copying: undisturbed.before)
        // More calls than one part needs, fewer than all do: every run gets a little further.
        for call in stride(from: 30, through: 400, by: 10) {
            let done = try place.run(tool, environment: ["NOCTURNE_FAULT": "any:\(call):KILL"])
            if done.signal == nil { break }
        }
        try undisturbed.check(place, tool, after: "many kills in a row")
    }
}
