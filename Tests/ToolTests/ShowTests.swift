import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// What `batches show` and `batches list` report about a batch's stages.
@Suite struct ShowTests {
    private func batches(_ place: Workplace, _ arguments: String...) throws -> Finished {
        let done = try place.program("batches", arguments).run()
        #expect(done.code == 0, "\(done)")
        return done
    }

    @Test func `each stage says how long it waited and for whom`() throws {
        let place = try Workplace()
        #expect(try place.program("nocturne", ["stream", "small", Workplace.batch]).run().code == 0)
        let shown = try batches(place, "show", "small", Workplace.batch)
        for stage in Binaries.chain.dropLast() {
            let seal = try JSON(parsing: place.text("\(place.stage(stage))/v1/batch.json"))["run"]
            let waits = try ["waited_for_input", "waited_for_followers"].map { try #require(seal?[$0]?.double) }
            let line = "  waited      \(waits[0]) s for its input, \(waits[1]) s for the stages after it"
            #expect(shown.lines.contains(line), "\(stage): \(shown)")
            let json = try JSON(parsing: batches(place, "show", "small", Workplace.batch, stage, "--json").out)
            #expect(json["run"]?["waited_for_input"]?.double == waits[0], "\(json)")
            #expect(json["run"]?["waited_for_followers"]?.double == waits[1], "\(json)")
        }
    }

    @Test func `without cuts for memory none are reported`() throws {
        let place = try Workplace.finished()
        #expect(!(try batches(place, "show", "small", Workplace.batch).out.contains("memory cuts")))
    }

    @Test func `stages are listed in the chain's order, whatever their state`() throws {
        let place = try Workplace.finished()
        let listed = { () throws -> [String] in
            try self.batches(place, "list", "--json").lines.compactMap { try JSON(parsing: $0)["stage"]?.string }
        }
        #expect(try listed() == Binaries.chain)
        // As left by a run that died: by name, clean would come first.
        for stage in Binaries.chain {
            try place.remove("\(place.stage(stage))/v1/batch.json")
            try place.remove("\(place.stage(stage))/current")
        }
        #expect(try listed() == Binaries.chain)
    }
}
