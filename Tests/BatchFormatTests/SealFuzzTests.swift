import BatchFormat
import Digests
import Durable
import Fault
import JSON
import TestBatches
import TestKit
import Testing

/// Seals with arbitrary contents and matching checksums are either read or refused as damaged.
@Suite struct SealFuzzTests {
    private let batch: TestBatch
    private var version: String { batch.path("clean") }

    init() throws {
        batch = try TestBatch()
        try batch.run("clean", [[TestItem("a", samples: [1]), .rejected("b", "silent")], [TestItem("c")]]) {
            $0.inputs = [
                InputReference(
                    pipeline: "digits", batch: "2026-11-20", stage: "fetch", version: "v1",
                    digest: Digest(of: "fetch".utf8))
            ]
        }
    }

    private static let spice: [JSON] = [
        nil, true, 0, -1, 1.5, .int(.max), .int(.min), 1e300, "", "../x", "part-00000", "items.jsonl", [], [nil], [:],
        ["name": "x"], .string(String(repeating: "0", count: 64)),
    ]

    private func mutated(_ value: JSON, _ random: inout SeededGenerator) -> JSON {
        if random.below(12) == 0 { return Self.spice[random.below(Self.spice.count)] }
        switch value {
        case .array(var values):
            if values.isEmpty { return value }
            let at = random.below(values.count)
            switch random.below(6) {
            case 0: values.remove(at: at)
            case 1: values.append(values[at])
            default: values[at] = mutated(values[at], &random)
            }
            return .array(values)
        case .object(var object):
            if object.isEmpty { return value }
            let name = object.members[random.below(object.members.count)].name
            object[name] = random.below(8) == 0 ? nil : mutated(object[name] ?? .null, &random)
            return .object(object)
        default: return Self.spice[random.below(Self.spice.count)]
        }
    }

    @Test(arguments: ["batch.json", "run.json", "part-00000/part.json"])
    func `readers refuse a seal or accept it`(_ name: String) throws {
        let path = "\(version)/\(name)"
        let original = try AtomicFile.read(path)
        let sealed = try SealedJSON.read(path).object
        var body = sealed
        body["run"] = nil
        var random = SeededGenerator(seed: UInt64(name.utf8.count))
        var (taken, refused) = (0, 0)
        for _ in 0..<1500 {
            guard case .object(let changed) = mutated(.object(body), &random) else { continue }
            try Damaging.overwrite(path, with: SealedJSON(changed, run: sealed["run"]?.object ?? [:]).bytes())
            do throws(Fault) {
                switch name {
                case "batch.json": _ = try VersionReader(version).seal.digest
                case "run.json": _ = try RunManifest(reading: path).sealed.bytes()
                default:
                    let part = try PartReader(version: version, name: "part-00000", digest: nil)
                    #expect(part.seal.itemsIn == part.seal.items + part.seal.rejected)
                    _ = try (part.items(), part.rejects())
                }
                taken += 1
            } catch {
                #expect(error.kind == .damaged, "\(error)")
                refused += 1
            }
            do throws(Fault) { _ = try Verification.verify(version: version) } catch {
                Issue.record("verify must tell damage, not stop at it: \(error)")
            }
        }
        #expect(taken > 20 && refused > 300, "\(taken) taken, \(refused) refused")
        try Damaging.overwrite(path, with: original)
        #expect(try Verification.verify(version: version).damages.isEmpty)
    }

    @Test func `bytes at random are refused`() throws {
        let path = "\(version)/batch.json"
        let original = try AtomicFile.read(path)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0...random.below(6) {
                let at = random.below(bytes.count)
                switch random.below(3) {
                case 0: bytes[at] = UInt8(random.below(256))
                case 1: bytes.remove(at: at)
                default: bytes.insert(UInt8(random.below(256)), at: at)
                }
            }
            if bytes == original { continue }
            try Damaging.overwrite(path, with: bytes)
            let fault = #expect(throws: Fault.self) { _ = try VersionReader(version) }
            #expect(fault?.kind == .damaged)
        }
    }
}
