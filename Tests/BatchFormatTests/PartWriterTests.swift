import BatchFormat
import Digests
import Durable
import Fault
import Foundation
import JSON
import TestBatches
import TestKit
import Testing

@Suite struct PartWriterTests {
    private let scratch: ScratchFolder
    private let key = Digest(of: "key".utf8)
    private let input = Digest(of: "input".utf8)

    init() throws { scratch = try ScratchFolder() }

    private func writer(_ ids: String...) throws -> PartWriter {
        try PartWriter(version: scratch.path, name: "part-00000", incoming: ids.map { ItemID($0) })
    }

    private func seal(_ writer: PartWriter, run: RunFigures = RunFigures()) throws(Fault) -> PartSeal {
        try writer.seal(tool: "clean", key: key, input: input, run: run)
    }

    private func expectNothingSealed() throws {
        #expect(try Folders.names(in: scratch.path) == [".tmp-part-00000"])
        #expect(!Folders.exists(scratch[".tmp-part-00000/part.json"]))
    }

    @Test func `a sealed part holds what was settled`() throws {
        let writer = try writer("b", "a", "c", "d")
        let items = [
            TestItem("b", output: ["seconds": 1.5], samples: [0.5, -1]), .rejected("a", "silent"),
            TestItem("c", samples: []), .rejected("d", "clipped"),
        ]
        try items.write(into: writer, stage: "clean")
        let seal = try seal(writer, run: RunFigures(["seconds": 2.5]))
        let part = try PartReader(version: scratch.path, name: "part-00000", digest: seal.digest)
        #expect(part.seal.digest == seal.digest)
        #expect(part.seal.key == key && part.seal.input == input && part.seal.tool == "clean")
        #expect((part.seal.itemsIn, part.seal.items, part.seal.rejected) == (4, 2, 2))
        #expect(part.seal.rejectedByReason.map(\.reason) == ["clipped", "silent"])
        #expect(part.seal.files.map(\.name) == ["audio.safetensors", "items.jsonl", "rejects.jsonl"])
        #expect(part.seal.run.seconds == 2.5)
        #expect(try part.items().map(\.id.text) == ["b", "c"])
        #expect(try part.rejects().map(\.id.text) == ["a", "d"])
        let tensors = try part.tensors("audio.safetensors")
        #expect(tensors.names.map(\.text) == ["b", "c"])
        #expect(tensors.tensor(ItemID("b")).map { Array($0.floats) } == [0.5, -1])
        #expect(tensors.shape(ItemID("c")) == [0])
        #expect(try Folders.names(in: scratch.path) == ["part-00000"])
    }

    @Test func `a finished part is sealed without its writer, or not at all`() throws {
        let finished: FinishedPart = try {
            let writer = try writer("a", "b")
            try [TestItem("a", samples: [1, 2, 3]), .rejected("b", "silent")].write(into: writer, stage: "clean")
            return try writer.finish()
        }()
        try expectNothingSealed()
        let seal = try finished.seal(tool: "clean", key: key, input: input, run: RunFigures())
        let part = try PartReader(version: scratch.path, name: "part-00000", digest: seal.digest)
        try part.readAhead()
        #expect(try part.items().map(\.id.text) == ["a"])
        #expect(try part.tensors("audio.safetensors").tensor(ItemID("a")).map { Array($0.floats) } == [1, 2, 3])
    }

    @Test func `the same items give the same bytes whatever the run`() throws {
        var digests: [[Digest]] = []
        for run in [["seconds": 1], ["seconds": 2, "host": "elsewhere"]] as [JSONObject] {
            let writer = try writer("a", "b")
            try [TestItem("a", samples: [1, 2, 3]), .rejected("b", "silent")].write(into: writer, stage: "clean")
            let seal = try seal(writer, run: RunFigures(run))
            digests.append([seal.digest] + seal.files.map(\.sha256))
            try Folders.remove(scratch["part-00000"])
        }
        #expect(digests[0] == digests[1])
    }

    @Test(arguments: [
        ["a"], ["a", "b"], ["b", "a", "c"], ["a", "b", "c", "d"], ["a", "a", "b", "c"], ["a", "b", "x"],
        ["a", "c", "b"],
    ])
    func `every item is settled once, in order`(_ settled: [String]) throws {
        let writer = try writer("a", "b", "c")
        let fault = #expect(throws: Fault.self) {
            for id in settled {
                if id == "b" {
                    try writer.reject(ItemID(id), reason: "silent", message: "")
                } else {
                    try writer.append(LedgerRow(id: ItemID(id)))
                }
            }
            _ = try seal(writer)
        }
        #expect(fault?.kind == .defect)
        try expectNothingSealed()
    }

    @Test func `an item cannot be both kept and rejected`() throws {
        let writer = try writer("a", "b")
        try writer.append(LedgerRow(id: ItemID("a")))
        let fault = #expect(throws: Fault.self) { try writer.reject(ItemID("a"), reason: "silent", message: "") }
        #expect(fault?.kind == .defect)
        #expect(fault?.message == "the stage settled the item 'a' where 'b' was due")
        try writer.append(LedgerRow(id: ItemID("b")))
        let further = #expect(throws: Fault.self) { try writer.append(LedgerRow(id: ItemID("c"))) }
        #expect(further?.message == "the stage settled the item 'c' where no further item was due")
    }

    @Test func `an item's other normal form is another item`() throws {
        let writer = try writer("\u{E9}")
        let fault = #expect(throws: Fault.self) { try writer.append(LedgerRow(id: ItemID("e\u{301}"))) }
        #expect(fault?.kind == .defect)
    }

    @Test func `a line whose ID was changed is a defect`() throws {
        let writer = try writer("a")
        var row = LedgerRow(id: ItemID("a"))
        row.object["id"] = "b"
        let fault = #expect(throws: Fault.self) { try writer.append(row) }
        #expect(fault?.kind == .defect)
        row.object["id"] = nil
        #expect(throws: Fault.self) { try writer.append(row) }
    }

    @Test func `a part without items is a part`() throws {
        let writer = try writer()
        try writer.ensureTensorFile("audio.safetensors")
        let seal = try seal(writer)
        #expect(seal.itemsIn == 0)
        let part = try PartReader(version: scratch.path, name: "part-00000", digest: seal.digest)
        #expect(try part.items().isEmpty && part.rejects().isEmpty)
        #expect(try part.tensors("audio.safetensors").names.isEmpty)
        #expect(!part.has("rejects.jsonl") && part.has("audio.safetensors"))
    }

    @Test func `what a killed run left is replaced`() throws {
        _ = try writer("a", "b")
        try AtomicFile.write([1], to: scratch[".tmp-part-00000/rejects.jsonl"])
        let second = try writer("a")
        try second.append(LedgerRow(id: ItemID("a")))
        #expect(try seal(second).files.map(\.name) == ["items.jsonl"])
        #expect(try Folders.names(in: scratch["part-00000"]) == ["items.jsonl", "part.json"])
    }

    @Test func `linked parts share their inodes`() throws {
        let writer = try writer("a")
        try Folders.make("\(writer.folder)/objects")
        let object = Array("RIFF".utf8)
        try AtomicFile.write(object, to: "\(writer.folder)/objects/a")
        writer.adopt(SealedFile(name: "objects/a", bytes: object.count, sha256: Digest(of: object)))
        var row = LedgerRow(id: ItemID("a"))
        row.object["fetch"] = ["object": "objects/a"]
        try writer.append(row)
        let seal = try seal(writer)
        let part = try PartReader(version: scratch.path, name: "part-00000", digest: nil)
        try Folders.make(scratch["v2"])
        try PartWriter.link(from: part, into: scratch["v2"], as: "part-00007")
        for name in ["part.json", "items.jsonl", "objects/a"] {
            #expect(try inode("part-00000/\(name)") == inode("v2/part-00007/\(name)"))
        }
        let linked = try PartReader(version: scratch["v2"], name: "part-00007", digest: seal.digest)
        #expect(try linked.objectPath(try #require(linked.items().first)) == scratch["v2/part-00007/objects/a"])
        #expect(try Folders.names(in: scratch["v2"]) == ["part-00007"])
    }

    private func inode(_ name: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: scratch[name])[.systemFileNumber] as? Int)
    }
}
