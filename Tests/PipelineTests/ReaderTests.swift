import Foundation
import TestKit
import TestTools
import Testing

/// The Python in `docs/batch-format.md` is a starting point for readers: it must read and verify what the tools write.
@Suite struct ReaderTests {
    /// A program in the page, marked ```` ```python title="NAME" ````.
    private func program(_ name: String) throws -> String {
        let page = try Checkout.text("docs/batch-format.md")
        guard let opening = page.range(of: "```python title=\"\(name)\"\n"),
            let closing = page.range(of: "\n```", range: opening.upperBound..<page.endIndex)
        else { throw HarnessError("docs/batch-format.md holds no \(name)") }
        return String(page[opening.upperBound..<closing.lowerBound]) + "\n"
    }

    private func run(_ name: String, _ arguments: [String], in place: Workplace) throws -> Finished {
        try place.write(name, program(name))
        return try Python.run(Python.demo, [name] + arguments, in: place)
    }

    @Test func `the ten-line reader reads every item`() throws {
        let place = try Workplace.finished()
        #expect(try program("reader.py").split(separator: "\n").count <= 12, "ten lines were promised")
        for (version, file) in [("clean/v1", "audio.safetensors"), ("featurize/v1", "features.safetensors")] {
            let done = try run("reader.py", ["\(place.stage(version))", file], in: place)
            #expect(done.code == 0, "\(done)")
            let ids = try place.ids(version)
            #expect(ids.count == 8)
            #expect(done.lines.map { String($0.prefix { $0 != " " }) } == ids, "\(done)")
        }
    }

    @Test func `the verifier proves every stage`() throws {
        let place = try Workplace.finished()
        for stage in Binaries.chain {
            let done = try run("verify.py", ["\(place.stage(stage))/v1"], in: place)
            #expect(done.code == 0 && done.out == "all as sealed\n", "\(done)")
        }
    }

    @Test func `the verifier finds what the tool finds`() throws {
        let place = try Workplace.finished()
        var chance = SeededGenerator(seed: SeededGenerator.seed)
        let files = [
            "clean/v1/part-00000/items.jsonl", "clean/v1/part-00001/audio.safetensors",
            "clean/v1/part-00003/rejects.jsonl", "fetch/v1/part-00002/listing.jsonl", "infer/v1/part-00000/part.json",
            "infer/v1/batch.json", "featurize/v1/run.json", "store/v1/receipt.json",
        ]
        for file in files {
            let name = "data/small/\(Workplace.batch)/\(file)"
            let bytes = try place.read(name)
            let position = Int.random(in: 0..<bytes.count, using: &chance)
            try place.flip(name, at: position, mask: 1 << UInt8.random(in: 0..<8, using: &chance))
            let version = String(file[..<(file.range(of: "/v1")?.upperBound ?? file.endIndex)])
            let done = try run("verify.py", ["data/small/\(Workplace.batch)/\(version)"], in: place)
            #expect(done.code == 65, "\(file) byte \(position) (NOCTURNE_SEED=\(SeededGenerator.seed)): \(done)")
            try place.write(name, bytes)
        }
    }
}
