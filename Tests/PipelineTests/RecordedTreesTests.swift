import Foundation
import TestKit
import TestTools
import Testing

/// The trees that the first tools with clean's behaviour revision 3 made, and what today's tools make of the same recordings.
///
/// `Tests/Fixtures/trees` holds the records. A Python program beside them lays out the nights and compares: it knows the batch
/// format from its documentation alone.
@Suite(.tags(.slow)) struct RecordedTreesTests {
    private static let program = Checkout.fixture("trees/trees.py")

    /// Runs the program; returns what it printed.
    private func trees(_ words: String..., in place: Workplace) throws -> Finished {
        try Python.run(Python.tests, [Self.program] + words, in: place)
    }

    /// A workplace with a recorded night's recordings and pipeline, and nothing run yet.
    private func laid(_ night: String) throws -> Workplace {
        let place = try Workplace(models: nil)
        try trees("lay", night, ".", in: place).successful()
        return place
    }

    /// What differs between a workplace's batches and a record.
    private func differences(_ place: Workplace, from record: String) throws -> String {
        let done = try trees("compare", Checkout.fixture("trees/\(record).json"), "data", in: place)
        guard done.code == 0 || done.code == 65 else { throw HarnessError("\(done)") }
        return done.out
    }

    /// Runs the five stages of `small` one after the other; returns what they said.
    @discardableResult
    private func chain(_ place: Workplace) throws -> String {
        try Binaries.chain.map { try place.run($0).successful().err }.joined()
    }

    @Test(arguments: ["small", "several", "split"])
    func `a night is what it was`(_ night: String) throws {
        let place = try laid(night)
        try place.program("nocturne", ["nightly", night, Workplace.batch]).run().successful()
        #expect(try differences(place, from: night) == "")
    }

    @Test func `a streamed night is what a night of one stage after the other was`() throws {
        let place = try laid("small")
        try place.program("nocturne", ["stream", "small", Workplace.batch]).run().successful()
        #expect(try differences(place, from: "small") == "")
    }

    @Test func `stages run one by one make what they made`() throws {
        let place = try laid("small")
        try chain(place)
        #expect(try differences(place, from: "small") == "")
    }

    @Test func `the demo is what it was`() throws {
        let place = try DemoNight.workplace()
        let name = "pipelines/digits/pipeline.toml"
        try place.write(
            name, try place.text(name).replacing("[infer]", with: "[infer]\ndevice = \"cpu\"\nthreads = 1"))
        try place.program("nocturne", ["nightly", "digits", Workplace.batch]).run().successful()
        #expect(try differences(place, from: "demo") == "")
    }

    @Test func `a root that older tools left is read, resumed and continued`() throws {
        let place = try Workplace(models: nil)
        try trees("unpack", ".", in: place).successful()
        let verified = try place.program("batches", ["verify", "small", Workplace.batch]).run()
        #expect(verified.code == 0, "\(verified)")

        // Everything was done: nothing is made, and no file changes.
        let before = try Tree(place["data/small"], skipping: [".runs"])
        let idle = try chain(place)
        #expect(!idle.contains("sealed"), "\(idle)")
        #expect(try Tree(place["data/small"], skipping: [".runs"]).differences(from: before).isEmpty)
        #expect(Binaries.chain.allSatisfy { place.current($0) == "v1" })

        // A killed run left a version of clean under another setting, of which one part is sealed.
        let kept = "\(place.stage("clean"))/v2/part-00000/items.jsonl"
        let file = try place.inode(kept)
        try place.configure("[clean]\n", "[clean]\nresampler = \"soxr-vhq\"\n")
        let resumed = try chain(place)
        #expect(try place.inode(kept) == file, "a sealed part is not made twice: \(resumed)")
        #expect(Binaries.chain.dropFirst().allSatisfy { place.current($0) == "v2" }, "\(resumed)")

        // One recording more, and one more setting that changes.
        try place.configure("fill = 0.0", "fill = 1.0")
        try trees("add", ".", in: place).successful()
        try chain(place)
        #expect(try differences(place, from: "continued") == "")
        let again = try place.program("batches", ["verify", "small", Workplace.batch]).run()
        #expect(again.code == 0, "\(again)")
    }

    @Test func `a changed byte and a file more are noticed`() throws {
        let place = try laid("small")
        try chain(place)
        let line = "\(place.stage("featurize"))/v1/part-00000/items.jsonl"
        try place.flip(line, at: 10)
        try place.write("\(place.stage("clean"))/v1/part-00000/extra.txt", "extra")
        #expect(
            try differences(place, from: "small") == """
                small/2026-11-20/clean/v1/part-00000/extra.txt: was not there
                small/2026-11-20/featurize/v1/part-00000/items.jsonl: differs

                """)
    }
}
