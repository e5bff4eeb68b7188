import BatchFormat
import Digests
import Durable
import Fault
import Foundation
import JSON
import TestBatches
import Testing

@Suite struct VerifyTests {
    private let batch: TestBatch
    private var version: String { batch.path("clean") }

    init() throws {
        batch = try TestBatch()
        try batch.run("clean", [[TestItem("a", samples: [1, 2]), .rejected("b", "silent")], [TestItem("c")]])
    }

    private func damages() throws -> [Damage] { try Verification.verify(version: version).damages }

    @Test func `an intact version verifies`() throws {
        let result = try Verification.verify(version: version)
        #expect(result.damages.isEmpty)
        // Two part seals, the version's seal, its manifest, and the parts' other files.
        #expect(result.files == 2 + 2 + 4)
        #expect(result.bytes == (try VersionReader(version).seal.bytes))
    }

    @Test func `every flipped byte is found, and its file named`() throws {
        var flipped = 0
        for case let name as String in FileManager.default.enumerator(atPath: version) ?? .init() {
            let path = "\(version)/\(name)"
            guard !Folders.isFolder(path), name != "events.jsonl" else { continue }
            for offset in try AtomicFile.read(path).indices {
                try Damaging.flip(path, at: offset)
                let damages = try damages()
                #expect(
                    damages.first?.path == path && damages.allSatisfy { $0.message.contains(version) },
                    "\(path) \(offset)")
                try Damaging.flip(path, at: offset)
                flipped += 1
            }
        }
        #expect(flipped > 4000)
        #expect(try damages().isEmpty)
    }

    @Test(arguments: ["items.jsonl", "audio.safetensors", "rejects.jsonl", "part.json"])
    func `what is lost is named`(_ name: String) throws {
        try Folders.remove("\(version)/part-00000/\(name)")
        #expect(try damages().map(\.path) == ["\(version)/part-00000/\(name)"])
    }

    @Test func `files that no seal lists are named`() throws {
        for name in ["stray", "part-00000/stray", ".tmp-part-00002", "part-00002", "part-00001/objects"] {
            try Folders.makeAll("\(version)/\(name)")
            #expect(try damages().map(\.path) == ["\(version)/\(name)"])
            try Folders.remove("\(version)/\(name)")
        }
        try AtomicFile.write([1], to: "\(version)/events.jsonl")
        #expect(try damages().isEmpty)
    }

    @Test func `another version's manifest is named`() throws {
        try batch.run("clean", [[TestItem("a")]]) { $0.config = ["sample_rate": 8000] }
        let other = try AtomicFile.read("\(batch.path("clean", 2))/run.json")
        try Damaging.overwrite("\(version)/run.json", with: other)
        #expect(try damages().map(\.message) == ["'\(version)/run.json' is the manifest of another version"])
        try Folders.remove("\(version)/run.json")
        #expect(try damages().map(\.path) == ["\(version)/run.json"])
    }

    @Test func `a key must follow from what the part was made of`() throws {
        // All digests in the chain match; only the key does not belong to the config.
        let path = "\(version)/part-00001/part.json"
        let forged = Digest(of: "forged".utf8)
        try Resealing.reseal(path) { $0["key"] = .string(forged.hex) }
        let digest = try PartSeal(reading: path).digest
        try Resealing.reseal("\(version)/batch.json") { body in
            var parts = body["parts"]?.array ?? []
            guard case .object(var part) = parts[1] else { return }
            part["key"] = .string(forged.hex)
            part["digest"] = .string(digest.hex)
            parts[1] = .object(part)
            body["parts"] = .array(parts)
        }
        #expect(
            try damages().map(\.message) == [
                "'\(version)/part-00001' has a key that does not follow from its making",
                "'\(version)/batch.json' has a fingerprint that does not match its parts",
            ])
    }

    @Test func `a ledger must hold as many lines as its seal says`() throws {
        let path = "\(version)/part-00001"
        let line = Array("{\"id\": \"c\"}\n{\"id\": \"d\"}\n".utf8)
        try Damaging.overwrite("\(path)/items.jsonl", with: line)
        try Resealing.reseal("\(path)/part.json") { body in
            body["files"] = [
                ["name": "items.jsonl", "bytes": .int(Int64(line.count)), "sha256": .string(Digest(of: line).hex)]
            ]
            body["bytes"] = .int(Int64(line.count))
        }
        let seal = try PartSeal(reading: "\(path)/part.json")
        try Resealing.reseal("\(version)/batch.json") { body in
            var parts = body["parts"]?.array ?? []
            guard case .object(var part) = parts[1] else { return }
            body["bytes"] = .int(Int64((body["bytes"]?.int ?? 0) - (part["bytes"]?.int ?? 0) + line.count))
            part["bytes"] = .int(Int64(line.count))
            part["digest"] = .string(seal.digest.hex)
            parts[1] = .object(part)
            body["parts"] = .array(parts)
        }
        #expect(try damages().map(\.message) == ["'\(path)' does not have as many lines as its seal says"])
    }

    @Test func `what is not sealed cannot be verified`() throws {
        try Folders.remove("\(version)/batch.json")
        let fault = #expect(throws: Fault.self) { _ = try damages() }
        #expect(fault?.kind == .missing)
    }
}
