import BatchFormat
import Digests
import Durable
import Fault
import JSON
import TestKit
import Testing

/// Items in several pieces, and tensors in several blocks.
@Suite struct PieceTests {
    private let scratch: ScratchFolder
    private static let file = "audio.safetensors"

    init() throws { scratch = try ScratchFolder() }

    private func writer(_ ids: String...) throws -> PartWriter {
        try PartWriter(version: scratch.path, name: "part-00000", incoming: ids.map { ItemID($0) })
    }

    private func seal(_ writer: PartWriter) throws -> PartReader {
        let seal = try writer.seal(tool: "clean", key: Digest(of: [1]), input: Digest(of: [2]), run: RunFigures())
        return try PartReader(version: scratch.path, name: "part-00000", digest: seal.digest)
    }

    private func extend(_ writer: PartWriter, _ values: [Float]) throws {
        try values.withUnsafeBufferPointer { try writer.extendTensor(Self.file, floats: $0) }
    }

    private func row(_ id: String) -> LedgerRow { LedgerRow(id: ItemID(id)) }

    private func values(_ part: PartReader) throws -> [String: [Float]] {
        let tensors = try part.tensors(Self.file)
        return Dictionary(
            uniqueKeysWithValues: tensors.names.map { ($0.text, tensors.tensor($0).map { Array($0.floats) } ?? []) })
    }

    @Test func `pieces take their item's place`() throws {
        let writer = try writer("a", "b", "c")
        try extend(writer, [1])
        try writer.append(row("a"), tensor: Self.file)
        try extend(writer, [2, 3])
        try extend(writer, [4])
        try writer.appendPiece(row("b@0.0-1.0"), tensor: Self.file)
        try extend(writer, [5, 6])
        try writer.rejectPiece(ItemID("b@1.0-2.0"), of: ItemID("b"), reason: "silent", message: "so quiet")
        try extend(writer, [7])
        try writer.appendPiece(row("b@2.0-2.5"), tensor: Self.file)
        try writer.settlePieces(of: ItemID("b"))
        try writer.reject(ItemID("c"), reason: "truncated", message: "cut")
        let part = try seal(writer)
        #expect(try part.items().map(\.id.text) == ["a", "b@0.0-1.0", "b@2.0-2.5"])
        #expect(try part.rejects().map(\.id.text) == ["b@1.0-2.0", "c"])
        #expect(try part.rejects().map(\.source) == ["b", nil])
        #expect(try values(part) == ["a": [1], "b@0.0-1.0": [2, 3, 4], "b@2.0-2.5": [7]])
        let seal = part.seal
        #expect((seal.itemsIn, seal.items, seal.rejected) == (3, 3, 2))
        #expect((seal.split.items, seal.split.pieces) == (1, 3))
        #expect(try PartSeal(reading: "\(part.folder)/part.json").split == seal.split)
    }

    @Test func `a seal says nothing of pieces where there are none`() throws {
        let writer = try writer("a")
        try writer.append(row("a"))
        let part = try seal(writer)
        #expect(part.seal.sealed.object["pieces"] == nil && part.seal.sealed.object["split_items"] == nil)
    }

    @Test(arguments: [
        ("pieces", JSON.int(4)), ("pieces", .int(0)), ("pieces", .null), ("split_items", .int(2)),
        ("split_items", .int(0)), ("split_items", .string("1")), ("items_in", .int(3)),
    ])
    func `pieces that do not add up are damage`(_ member: String, _ value: JSON) throws {
        let writer = try writer("b")
        for piece in ["b@0.0-1.0", "b@1.0-2.0", "b@2.0-3.0"] {
            try extend(writer, [1])
            try writer.appendPiece(row(piece), tensor: Self.file)
        }
        try writer.settlePieces(of: ItemID("b"))
        let path = "\(try seal(writer).folder)/part.json"
        try Resealing.reseal(path) { $0[member] = value }
        let fault = #expect(throws: Fault.self) { _ = try PartSeal(reading: path) }
        #expect(fault?.kind == .damaged)
    }

    @Test func `what is forgotten leaves no byte`() throws {
        // Once in what is still in memory, once in what is already in the file.
        let much = (0..<300_000).map { Float($0) }
        var digests: [Digest?] = []
        for forgotten in [[], [9], much] as [[Float]] {
            let writer = try writer("a", "b", "c")
            try extend(writer, [1, 2])
            try writer.append(row("a"), tensor: Self.file)
            if !forgotten.isEmpty {
                try extend(writer, forgotten)
                try writer.appendPiece(row("b@0.0-1.0"), tensor: Self.file)
                try extend(writer, forgotten + forgotten)
                try writer.discardPending()
                try extend(writer, forgotten)
            }
            try writer.reject(ItemID("b"), reason: "truncated", message: "cut")
            try extend(writer, [3])
            try writer.append(row("c"), tensor: Self.file)
            let part = try seal(writer)
            #expect(try values(part) == ["a": [1, 2], "c": [3]])
            digests.append(part.seal.file(Self.file)?.sha256)
            try Folders.remove(part.folder)
        }
        #expect(Set(digests).count == 1)
    }

    /// Unexpected names need room in the header: reserved beforehand, or made afterwards.
    @Test(arguments: [0, 100_000]) func `many pieces fit into the header`(room: Int) throws {
        let writer = try writer("b")
        try writer.ensureTensorFile(Self.file, room: room)
        var expected: [String: [Float]] = [:]
        for index in 0..<700 {
            let name = "b@\(index).0-\(index + 1).0"
            let block = (0..<1000).map { Float(index * 1000 + $0) }
            expected[name] = block
            try extend(writer, block)
            try writer.appendPiece(row(name), tensor: Self.file)
        }
        try writer.settlePieces(of: ItemID("b"))
        #expect(try values(seal(writer)) == expected)
    }

    @Test func `an item needs at least one piece to be settled`() throws {
        let fault = #expect(throws: Fault.self) { try writer("a").settlePieces(of: ItemID("a")) }
        #expect(fault?.kind == .defect)
    }
}
