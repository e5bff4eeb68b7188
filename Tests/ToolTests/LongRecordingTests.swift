import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// Recordings longer than `max_seconds`, through the built tools from the source to the database.
@Suite(.tags(.slow)) struct LongRecordingTests {
    /// Audio with a pause of half a second every seven seconds.
    private static func long(seconds: Int, rate: Int = 8000) -> [UInt8] {
        var chance = SeededGenerator(seed: 7)
        let samples = (0..<seconds * rate).map { index -> Int16 in
            if index % (7 * rate) < rate / 2 { return Int16.random(in: -3...3, using: &chance) }
            return Int16.random(in: -8000...8000, using: &chance)
        }
        return Recording(samples: samples, rate: rate).bytes
    }

    private static let id = "device-01/long.wav"

    private func place() throws -> Workplace {
        let place = try Workplace()
        try place.write("\(Workplace.source)/\(Self.id)", Self.long(seconds: 100))
        try place.configure(
            "[clean]", "[clean]\nlong = \"split\"\nmax_seconds = 30.0\nsplit_overlap = 0.5")
        return place
    }

    @Test func `a long recording goes through in pieces`() throws {
        let place = try place()
        for tool in Binaries.chain { try place.succeed(tool) }
        let pieces = try place.ledger("clean/v1").filter { $0["clean"]?["source"]?.string == Self.id }
        // Cut in the middle of the pauses at 28, 49 + … s, sharing half a second, to the very end.
        #expect(pieces.count >= 4)
        var end = 0.0
        for (index, piece) in pieces.enumerated() {
            let clean = try #require(piece["clean"])
            let (offset, seconds) = (clean["offset"]?.double ?? -1, clean["seconds"]?.double ?? 0)
            #expect(abs(offset - (index == 0 ? 0 : end - 0.5)) < 1e-9, "\(clean)")
            end = offset + seconds
            #expect(seconds <= 30.0 && piece["id"]?.string == "\(Self.id)@\(offset)-\((end * 10).rounded() / 10)")
            #expect(piece["fields"]?["device"] == "device-01" && piece["fetch"]?["object"]?.string != nil)
        }
        #expect(abs(end - 100) < 1e-6)
        let ids = pieces.compactMap { $0["id"]?.string }
        for stage in ["featurize", "infer"] {
            #expect(try place.ids("\(stage)/v1").filter { $0.hasPrefix(Self.id) } == ids)
        }
        // Every stage counts them, and the database has a row for each.
        let summary = try #require(try JSON(parsing: Array(place.run("clean", "--json").out.utf8)).object)
        #expect(summary["items_in"]?.int == 10 && summary["items"]?.int == 8 + ids.count)
        let rows = try Rows.read(
            place["data/nocturne.db"],
            "SELECT item_id FROM predictions WHERE item_id LIKE '%long%' ORDER BY recorded_at")
        #expect(rows.count == ids.count && Set(rows.map { $0[0] }) == Set(ids))
        let verified = try place.program("batches", ["verify", "small", Workplace.batch, "--deep"]).run()
        #expect(verified.code == 0, "\(verified)")
        let again = try place.run("clean", "--force", "--jobs", "1")
        #expect(again.code == 0, "\(again)")
        #expect(
            try place.read("\(place.stage("clean"))/v2/part-00000/audio.safetensors")
                == place.read("\(place.stage("clean"))/v1/part-00000/audio.safetensors"))
    }

    @Test func `without the key a long recording is rejected`() throws {
        let place = try place()
        try place.configure("long = \"split\"\nmax_seconds = 30.0\nsplit_overlap = 0.5", "max_seconds = 30.0")
        try place.succeed("fetch")
        try place.succeed("clean")
        let reject = try #require(try place.rejects("clean/v1").first { $0["id"]?.string == Self.id })
        #expect(reject["reason"] == "too_long" && reject["message"] == "the recording lasts longer than 30.0 s")
    }

    @Test(arguments: [
        ("split_overlap = 1.0", "split_overlap does not apply without long = \"split\""),
        ("long = \"split\"\nmax_seconds = 0.5", "max_seconds is 0.5: pieces must be allowed at least 1 second"),
        ("long = \"split\"\nsplit_overlap = 31.0", "split_overlap is 31.0, more than half of max_seconds (60.0)"),
        ("long = \"cut\"", "long must be \"reject\" or \"split\""),
    ])
    func `impossible values are refused`(_ lines: String, _ message: String) throws {
        let place = try Workplace()
        try place.configure("[clean]", "[clean]\n\(lines)")
        let done = try place.run("clean")
        #expect(done.code == 78 && done.err.contains(message), "\(done)")
    }

    /// Two hours are 440 MiB of samples; the tool and its decoders keep only a few blocks of them at a time.
    @Test(arguments: ["max_seconds = 10000.0", "long = \"split\""])
    func `memory does not grow with the length`(_ lines: String) throws {
        let place = try Workplace()
        try place.write("\(Workplace.source)/\(Self.id)", Self.long(seconds: 100))
        // The same hundred seconds repeated: a quick way to make a file of two hours.
        var bytes = try place.read("\(Workplace.source)/\(Self.id)")
        let sound = bytes[44...]
        for _ in 1..<72 { bytes += sound }
        for (at, size) in [(4, bytes.count - 8), (40, bytes.count - 44)] {
            for byte in 0..<4 { bytes[at + byte] = UInt8(truncatingIfNeeded: size >> (8 * byte)) }
        }
        try place.write("\(Workplace.source)/\(Self.id)", bytes)
        try place.configure("[clean]", "[clean]\n\(lines)")
        try place.succeed("fetch")
        let measure =
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr); "
            + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        let words = ["python3", "-c", measure, Binaries.path("clean"), "small", Workplace.batch, "--quiet"]
        let done = try Program(["/usr/bin/env"] + words, environment: place.environment, folder: place.path).run()
        #expect(done.code == 0, "\(done)")
        let peak = try #require(done.lines.last.flatMap { Int($0) })
        #expect(peak < 128 << 10, "the largest process took \(peak) KiB")
        let seconds = try place.ledger("clean/v1").filter { $0["id"]?.string?.hasPrefix(Self.id) == true }
            .reduce(0) { $0 + ($1["clean"]?["seconds"]?.double ?? 0) }
        #expect(abs(seconds - 7200) < 1e-6)
    }
}
