import BatchFormat
import Digests
import Durable
import Fault
import JSON
import TestBatches
import Testing

/// Seals that are valid in form, checksum included, with impossible contents.
@Suite struct SealTests {
    private let batch: TestBatch
    private var version: String { batch.path("clean") }
    private var partSeal: String { "\(version)/part-00000/part.json" }
    private var versionSeal: String { "\(version)/batch.json" }

    init() throws {
        batch = try TestBatch()
        try batch.run("clean", [[TestItem("a"), .rejected("b", "silent")], [TestItem("c")]])
    }

    @Test func `the digest covers the whole file, not only what this reader knows`() throws {
        let (part, version) = (try PartSeal(reading: partSeal), try VersionSeal(reading: versionSeal))
        for path in [partSeal, versionSeal] { try Resealing.reseal(path) { $0["new_member"] = 1 } }
        #expect(try PartSeal(reading: partSeal).digest != part.digest)
        #expect(try VersionSeal(reading: versionSeal).digest != version.digest)
        let fault = #expect(throws: Fault.self) { try VersionReader(self.version).part(0) }
        #expect(fault?.kind == .damaged)
    }

    @Test(
        arguments: [
            ("kind", "version"), ("tool", nil), ("tool", 1), ("key", "00"), ("input", nil), ("items", -1), ("items", 2),
            ("items", 1.0), ("items_in", 4_611_686_018_427_387_904), ("items_in", nil), ("rejected", 0),
            ("rejected", nil), ("bytes", 1),
            ("rejected_by_reason", []), ("rejected_by_reason", ["silent": -1]), ("rejected_by_reason", ["silent": "1"]),
            ("rejected_by_reason", ["a": .int(.max), "b": .int(.max)]), ("files", [:]), ("files", [nil]),
            ("files", [["name": "items.jsonl", "bytes": 1]]),
        ] as [(String, JSON?)])
    func `an impossible part seal is damage`(_ member: String, _ value: JSON?) throws {
        try Resealing.reseal(partSeal) { $0[member] = value }
        let fault = #expect(throws: Fault.self) { _ = try PartSeal(reading: partSeal) }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message.contains(partSeal) == true)
    }

    @Test(arguments: ["", ".", "..", "../v2/x", "/etc/passwd", "objects/../../x", "objects//a", "a/", "a\0b"])
    func `a file's name stays inside its part`(_ name: String) throws {
        try Resealing.reseal(partSeal) { body in
            let file = body["files"]?.array?.first?.object ?? [:]
            var changed = file
            changed["name"] = .string(name)
            body["files"] = .array([.object(changed)] + (body["files"]?.array?.dropFirst() ?? []))
        }
        let fault = #expect(throws: Fault.self) { _ = try PartSeal(reading: partSeal) }
        #expect(fault?.message == "'\(partSeal)' lacks a valid \"name\"")
    }

    @Test(
        arguments: [
            ("kind", "part"), ("pipeline", nil), ("revision", "1"), ("config", nil), ("inputs", nil), ("inputs", [1]),
            ("inputs", [["pipeline": "p", "batch": "b", "stage": "s", "version": "v1", "digest": "no"]]),
            ("fingerprint", "no"), ("items", 1), ("items_in", 4), ("rejected", 2), ("bytes", 0), ("bytes", -1),
            ("parts", [:]), ("parts", [nil]), ("parts", []), ("rejected_by_reason", [:]),
        ] as [(String, JSON?)])
    func `an impossible version seal is damage`(_ member: String, _ value: JSON?) throws {
        try Resealing.reseal(versionSeal) { $0[member] = value }
        let fault = #expect(throws: Fault.self) { _ = try VersionSeal(reading: versionSeal) }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message.contains(versionSeal) == true)
    }

    @Test(arguments: ["part-00001", "part-00002", "../clean/v1/part-00000", ""])
    func `parts are listed in order, under their own names`(_ name: String) throws {
        try Resealing.reseal(versionSeal) { body in
            var parts = body["parts"]?.array ?? []
            if case .object(var first)? = parts.first {
                first["name"] = .string(name)
                parts[0] = .object(first)
            }
            body["parts"] = .array(parts)
        }
        let fault = #expect(throws: Fault.self) { _ = try VersionSeal(reading: versionSeal) }
        #expect(fault?.message == "'\(versionSeal)' lists '\(name)' instead of part-00000")
    }

    @Test func `what is read is what was sealed`() throws {
        let seal = try VersionSeal(reading: versionSeal)
        #expect((seal.itemsIn, seal.items, seal.rejected) == (3, 2, 1))
        #expect(seal.rejectedByReason.map(\.reason) == ["silent"] && seal.rejectedByReason.map(\.count) == [1])
        #expect(seal.parts.map(\.name) == ["part-00000", "part-00001"])
        #expect(seal.fingerprint == VersionSeal.fingerprint(of: seal.parts.map(\.key)))
        #expect(seal.bytes == seal.parts.reduce(0) { $0 + $1.bytes })
        #expect(try AtomicFile.read(versionSeal) == seal.sealed.bytes())
        #expect(try AtomicFile.read(partSeal) == PartSeal(reading: partSeal).sealed.bytes())
    }
}
