import JSON
import TestKit
import TestTools
import Testing

/// A model that takes far more memory than its input, under limits enforced by the kernel.
@Suite(.tags(.slow)) struct MemoryLimitTests {
    /// A night up to clean, for a model that takes about 100 MiB for each of its twelve recordings, all in one part.
    private func night() throws -> Workplace {
        let place = try Workplace(models: Checkout.fixture("models"))
        try place.write(
            "pipelines/small/pipeline.toml",
            """
            format = 1
            [fetch]
            source = "recordings/{batch}/"
            [infer]
            input = "clean"
            model = "greedy@1"
            threads = 1
            max_batch_items = 12
            """)
        for number in 1...12 {
            let recording = Recording(seed: UInt64(number), seconds: 0.4)
            try place.write("\(Workplace.source)/rec-\(number).wav", recording.bytes)
        }
        for tool in ["fetch", "clean"] { try place.succeed(tool) }
        return place
    }

    private func infer(_ place: Workplace, dataLimit megabytes: Int, _ arguments: String...) throws -> Finished {
        var program = place.program("infer", ["small", Workplace.batch] + arguments)
        let kilobytes = megabytes * 1024
        program.words = ["/bin/sh", "-c", "ulimit -d \(kilobytes) && exec \"$@\"", "sh"] + program.words
        return try program.run()
    }

    @Test func `batches are cut to what the limit leaves`() throws {
        let place = try night()
        // Twelve at once would take 1,200 MiB.
        let done = try infer(place, dataLimit: 1200)
        #expect(done.code == 0, "\(done)")
        let version = try #require(place.current("infer"))
        #expect(try place.ledger("infer/\(version)").count == 12)
        let events = try place.text("\(place.stage("infer"))/\(version)/events.jsonl")
        #expect(events.contains(#""event": "batch_cut""#))
        #expect(place.exists(".cache/nocturne/batch-footprints.json"))

        // It is recorded in the part's seal, outside its digest, and shown to people.
        let seal = try JSON(parsing: place.text("\(place.stage("infer"))/\(version)/part-00000/part.json"))
        #expect(seal["run"]?["memory_cuts"]?.int == 1)
        let most = try #require(seal["run"]?["largest_memory_cut"]?["most"]?.int)
        #expect(seal["run"]?["largest_memory_cut"]?["items"] == 12 && most < 12)
        let show = try place.program("batches", ["show", "small", Workplace.batch, "infer"]).run()
        #expect(show.out.contains("memory cuts 1, the largest a batch of 12 items to \(most) at a time"), "\(show)")

        // So does the version's, with the limit.
        func limit(_ path: String) throws -> Int? {
            try JSON(parsing: place.text("\(path)/batch.json"))["run"]?["memory_limit_bytes"]?.int
        }
        #expect(try limit("\(place.stage("infer"))/\(version)") == 1200 << 20)

        // The same answers as without a limit.
        let cut = try place.ledger("infer/\(version)")
        let free = try place.succeed("infer", "--force")
        #expect(!(try place.text("\(free)/events.jsonl").contains(#""event": "batch_cut""#)))
        #expect(try place.ledger("infer/v2") == cut)
        #expect(!(try place.text("\(free)/part-00000/part.json").contains("memory_cut")))
        let digests = try ["v1", "v2"].map {
            try JSON(parsing: place.text("\(place.stage("infer"))/\($0)/batch.json"))["parts"]?.array?[0]["digest"]
        }
        #expect(digests[0] != nil && digests[0] == digests[1])
        #expect(try #require(try limit(free)) > 1200 << 20, "the machine's memory, or what the tests run under")
    }

    @Test func `an item that cannot fit at all is the one that is rejected`() throws {
        let place = try night()
        try place.write("\(Workplace.source)/long.wav", Recording(seed: 99, seconds: 8).bytes)
        for tool in ["fetch", "clean"] { try place.succeed(tool) }
        // The long one alone would take 2 GiB. Whether it fits can only be found out by trying.
        let done = try infer(place, dataLimit: 1200, "--set", "infer.max_reject_ratio=0.5")
        #expect(done.code == 0, "\(done)")
        let version = try #require(place.current("infer"))
        #expect(try place.ledger("infer/\(version)").count == 12)
        let rejects = try place.rejects("infer/\(version)")
        #expect(rejects.count == 1)
        #expect(rejects.first?["reason"] == "inference_failed")
    }

    @Test func `above the hard limit the run stops, and continues later`() throws {
        let place = try night()
        // Every machine that runs this uses more of its memory than that.
        let limits = ["--set", "infer.memory_soft=\"0.1%\"", "--set", "infer.memory_hard=\"0.2%\""]
        let done = try place.program("infer", ["small", Workplace.batch] + limits).run()
        #expect(done.code == 75, "\(done)")
        #expect(done.err.contains("infer.memory_hard") && done.err.contains("free memory"), "\(done)")
        #expect(place.current("infer") == nil)
        #expect(try place.run("infer").code == 0)
    }

    @Test func `a limit below the model itself is a mistake, and the one to set is named`() throws {
        let place = try night()
        let done = try place.run("infer", "--set", "infer.memory_limit=\"16 MiB\"")
        #expect(done.code == 78, "no later run would end otherwise: \(done)")
        #expect(done.err.contains("the loaded model and libtorch alone take"), "\(done)")
        let told = try #require(
            done.err.split(separator: "infer.memory_limit is at least ").last?.split(separator: " ").first)
        let least = try #require(Int(told), "\(done)")
        #expect(place.current("infer") == nil)
        // With that limit the model's own memory does not halve anything; the batches' may.
        let fitting = try place.run("infer", "--set", "infer.memory_limit=\"\(least + 1024) MiB\"")
        #expect(fitting.code == 0 && !fitting.err.contains("memory_soft"), "\(fitting)")
    }
}
