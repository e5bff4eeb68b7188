import Foundation
import TestKit
import TestTools
import Testing

/// `--why` of every tool names what changed: a key, an input, a recording, metadata, a model.
@Suite struct WhyTests {
    private func why(_ place: Workplace, _ tool: String, _ arguments: String...) throws -> String {
        let done = try place.program(tool, ["small", Workplace.batch, "--why", "--dry-run"] + arguments).run()
        #expect(done.code == 0, "\(done)")
        return done.err
    }

    @Test(arguments: Binaries.chain) func `a first run says that there is nothing yet`(_ tool: String) throws {
        let place = try Workplace.finished()
        try place.remove(place.stage(tool))
        if tool == "store" { try place.remove("data/nocturne.db") }
        let said = try why(place, tool)
        #expect(said.contains("no sealed version yet") || said.contains("has no version"), "\(said)")
    }

    @Test(arguments: [
        ("fetch", "fetch.max_object_bytes=1 MiB", "max_object_bytes = 1048576, was 4294967296"),
        ("clean", "clean.silence_dbfs=-70", "silence_dbfs = -70.0, was -60.0"),
        ("featurize", "featurize.mel_bins=40", "mel_bins = 40, was 80"), ("infer", "infer.top=1", "top = 1, was 3"),
    ])
    func `a changed key is named with both values`(tool: String, change: String, expected: String) throws {
        let said = try why(Workplace.finished(), tool, "--set", change)
        #expect(said.contains("config: ") && said.contains(expected), "\(said)")
    }

    @Test func `fetch says how many parts a new recording makes`() throws {
        let place = try Workplace.finished()
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        #expect(try why(place, "fetch").contains("1 of 5 parts are not in v1"))
    }

    @Test func `fetch says that metadata has changed`() throws {
        let place = try Workplace.finished()
        try place.write("known.csv", place.text("known.csv").replacingOccurrences(of: "-6", with: "-7"))
        #expect(try why(place, "fetch").contains("1 of 4 parts are not in v1"))
    }

    @Test(arguments: ["clean", "featurize", "infer"]) func `a new input is named with the old one`(_ tool: String)
        throws
    {
        let place = try Workplace.finished()
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        let before = try #require(Binaries.chain.firstIndex(of: tool))
        for tool in Binaries.chain[..<before] { try place.succeed(tool) }
        let (said, input) = (try why(place, tool), Binaries.chain[before - 1])
        #expect(said.contains("the input is \(input) v2, v1 read \(input) v1"), "\(said)")
        #expect(said.contains("1 of 5 parts are not in v1"), "\(said)")
    }

    @Test(arguments: ["featurize", "fetch"])
    func `what is compared with is the version that the run takes`(_ tool: String) throws {
        let place = try Workplace.finished()
        let change = tool == "fetch" ? "fetch.max_object_bytes=1 MiB" : "featurize.mel_bins=40"
        #expect(try place.succeed(tool, "--set", change).hasSuffix("v2"))
        let said = try why(place, tool)
        #expect(said.contains("nothing changed since v1, which the run takes again instead of v2"), "\(said)")
        #expect(!said.contains("config:"), "\(said)")
        #expect(try place.succeed(tool).hasSuffix("v1"))
    }

    @Test func `store says which version the database lacks`() throws {
        let place = try Workplace.finished()
        try place.succeed("infer", "--set", "infer.top=1")
        let said = try why(place, "store")
        #expect(said.contains("infer v2 is not in the database: it has v1"), "\(said)")
    }

    @Test func `store says that another database is empty`() throws {
        let said = try why(Workplace.finished(), "store", "--set", "store.url=sqlite:data/other.db")
        #expect(said.contains("infer v1 is not in the database: it has no version"), "\(said)")
    }
}
