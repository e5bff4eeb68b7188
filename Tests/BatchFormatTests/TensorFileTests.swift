import BatchFormat
import Durable
import Fault
import Foundation
import JSON
import TestBatches
import TestKit
import Testing

@Suite struct TensorFileTests {
    private let scratch: ScratchFolder
    private var path: String { scratch["audio.safetensors"] }

    init() throws { scratch = try ScratchFolder() }

    private func write(_ tensors: [(name: String, shape: [Int], values: [Float])], room: [String] = []) throws {
        let writer = try TensorFileWriter(path, names: (tensors.map(\.name) + room).map { ItemID($0) })
        for tensor in tensors {
            try tensor.values.withUnsafeBufferPointer {
                try writer.append(ItemID(tensor.name), shape: tensor.shape, floats: $0)
            }
        }
        try writer.finish()
    }

    private func python(_ verb: String) throws -> [JSON] {
        let words = [Checkout.path(".deps/venv/bin/python"), "-B"]
        let script = Checkout.path("Tests/Fixtures/tensors/tensors.py")
        let done = try Program(words + [script, verb, path]).run()
        try #require(done.code == 0, "is .deps/venv set up (make setup)? \(done)")
        return try done.lines.map { try JSON(parsing: $0) }
    }

    private static let awkward: [(name: String, shape: [Int], values: [Float])] = [
        ("z", [3], [1, -0.0, .leastNonzeroMagnitude]), ("a/b \"\\\n", [2, 2], [1, 2, 3, 4]), ("empty", [0], []),
        ("cafe\u{301}", [1], [5]), ("caf\u{E9}", [1, 1, 1, 1, 1, 1, 1, 1], [6]), ("😀", [0, 7], []),
    ]

    @Test func `Python reads what we write`() throws {
        try write(Self.awkward, room: ["rejected"])
        let expected: [JSON] = Self.awkward.map {
            .array([
                .string($0.name), "float32", .array($0.shape.map { .int(Int64($0)) }),
                .array($0.values.map { .double(Double($0)) }),
            ])
        }
        let read = try python("read")
        // Empty tensors may start at the same offset, so the file does not determine their order.
        func sorted(_ lines: [JSON]) -> [String] { lines.map { $0.text(.canonical) }.sorted { $0.precedesByBytes($1) } }
        #expect(sorted(read) == sorted(expected))
    }

    @Test func `we read what Python writes`() throws {
        _ = try python("write")
        let file = try TensorFile(path)
        #expect(file.names.count == 6)
        #expect(file.tensor(ItemID("b")).map { Array($0.floats) } == [0, 1, 2, 3, 4, 5])
        #expect(file.shape(ItemID("b")) == [2, 3])
        #expect(file.tensor(ItemID("caf\u{E9}")).map { $0.floats.map(\.bitPattern) } == [0x8000_0000, 1, 0x7F80_0000])
        #expect(file.tensor(ItemID("cafe\u{301}"))?.shape == [0, 4])
        #expect(file.tensor(ItemID("quote\"\\\n😀"))?.shape == [])
        #expect(file.tensor(ItemID("quote\"\\\n😀")).map { Array($0.floats) } == [7])
        let lengths = try #require(file.tensor(ItemID("lengths")))
        #expect(lengths.type == .int64 && lengths.floats.isEmpty)
        #expect(
            (0..<3).map { lengths.bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) } == [1, -2, 1 << 40])
        #expect(file.shape(ItemID("absent")) == nil && file.shape(ItemID("__metadata__")) == nil)
        #expect(file.tensor(ItemID("absent"))?.shape == nil)
    }

    @Test func `what is written is read`() throws {
        try write(Self.awkward)
        let file = try TensorFile(path)
        for (name, shape, values) in Self.awkward {
            let tensor = try #require(file.tensor(ItemID(name)))
            #expect(tensor.shape == shape)
            #expect(tensor.floats.map(\.bitPattern) == values.map(\.bitPattern))
        }
        #expect(Set(file.names) == Set(Self.awkward.map { ItemID($0.name) }))
        #expect(file.path == path)
    }

    @Test func `room for the header depends on what may come, not on what comes`() throws {
        try write([("a", [1], [1])], room: ["b", "c"])
        let dataStart = try headerSize() + 8
        #expect(dataStart % 64 == 0)
        try write([("b", [1], [1]), ("c", [1], [2])], room: ["a"])
        #expect(try headerSize() + 8 == dataStart)
    }

    private func headerSize() throws -> Int {
        try AtomicFile.read(path)[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    @Test func `large tensors come out whole`() throws {
        // Around the sizes at which the writer stops buffering: 2^18 bytes for one tensor, 2^20 in all.
        let sizes = [1, 65_535, 65_536, 3, 200_000, 60_000, 60_000, 60_000, 60_000, 60_000, 7]
        try write(
            sizes.enumerated().map { index, size in
                ("t\(index)", [size], (0..<size).map { Float($0 + index) })
            })
        let file = try TensorFile(path)
        for (index, size) in sizes.enumerated() {
            let floats = try #require(file.tensor(ItemID("t\(index)"))?.floats)
            #expect(floats.count == size && floats.first == Float(index) && floats.last == Float(size - 1 + index))
        }
    }

    @Test func `a file without tensors is a tensor file`() throws {
        try write([], room: ["a"])
        #expect(try TensorFile(path).names.isEmpty)
        #expect(try python("read").isEmpty)
    }

    private func refusal(_ header: String, size: Int? = nil, data: Int = 16) throws -> Fault? {
        var text = Array(header.utf8)
        // A header whose length is a multiple of eight keeps the data aligned.
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        var bytes = withUnsafeBytes(of: UInt64(bitPattern: Int64(size ?? text.count)).littleEndian) { Array($0) }
        bytes += text + [UInt8](repeating: 1, count: data)
        try AtomicFile.write(bytes, to: path)
        do throws(Fault) { _ = try TensorFile(path) } catch { return error }
        return nil
    }

    private static func entry(_ name: String, _ shape: String, _ offsets: String, type: String = "F32") -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test func `a valid header is accepted`() throws {
        let (a, b) = (Self.entry("a", "[2]", "[0,8]"), Self.entry("b", "[1,2]", "[8,16]"))
        #expect(try refusal("{\(a),\(b)}") == nil)
        #expect(try refusal("{\(b),\(a),\"__metadata__\":{\"format\":\"pt\"}}") == nil)
        #expect(try refusal("{\(a),\(Self.entry("b", "[1]", "[8,16]", type: "I64"))}") == nil)
    }

    @Test(arguments: [
        ("{", "expected a member's name"), ("[]", "the header is not an object"),
        ("{} x", "unexpected text after the value"),
        ("{\"a\":{}}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[4]", "[0,16]", type: "F16"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "4", "[0,16]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[-4]", "[0,16]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[4,\"1\"]", "[0,16]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[4.0,4]", "[0,16]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[4]", "[0,null,16]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[4]", "[0]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[4]", "[-16,0]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[4]", "[16,0]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[8]", "[0,32]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[4]", "[0,9223372036854775807]"))}", "the entry 'a' is not supported"),
        ("{\(entry("a", "[3]", "[0,16]"))}", "the entry 'a' does not have the size of its shape"),
        (
            "{\(entry("a", "[9223372036854775807,2]", "[0,16]"))}", "the entry 'a' is larger than memory"
        ),
        (
            "{\(entry("a", "[2]", "[0,8]")),\(entry("b", "[2]", "[4,12]"))}",
            "the entry 'b' leaves a gap or overlaps another"
        ),
        (
            "{\(entry("a", "[1]", "[0,4]")),\(entry("b", "[2]", "[8,16]"))}",
            "the entry 'b' leaves a gap or overlaps another"
        ),
        ("{\(entry("a", "[2]", "[8,16]"))}", "the entry 'a' leaves a gap or overlaps another"),
        ("{\(entry("a", "[2]", "[0,8]"))}", "8 bytes do not belong to any tensor"),
        ("{}", "16 bytes do not belong to any tensor"),
        ("{\(entry("a", "[1]", "[0,4]")),\(entry("b", "[1]", "[4,12]", type: "I64"))}", "the entry 'b' is not aligned"),
        ("{\(entry("a", "[4]", "[0,16]")),\(entry("a", "[4]", "[0,16]"))}", "the name \"a\" appears twice"),
    ])
    func `a damaged header is refused`(_ header: String, _ reason: String) throws {
        let fault = try #require(try refusal(header))
        #expect(fault.kind == .damaged)
        #expect(fault.message.hasPrefix("'\(path)' is not a valid safetensors file: \(reason)"), "\(fault)")
    }

    @Test(arguments: [-1, Int.max, 1 << 40, 33, 0, 1])
    func `a header of the wrong length is refused`(_ size: Int) throws {
        #expect(try refusal("{\(Self.entry("a", "[4]", "[0,16]"))}", size: size)?.kind == .damaged)
    }

    @Test func `a file cut anywhere is refused`() throws {
        try write([("a", [2], [1, 2]), ("b", [3], [3, 4, 5])])
        let bytes = try AtomicFile.read(path)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            try AtomicFile.write(Array(bytes[..<count]), to: path)
            let fault = #expect(throws: Fault.self) { _ = try TensorFile(path) }
            #expect(fault?.kind == .damaged)
        }
    }

    @Test func `mutated files are accepted or refused, and nothing else happens`() throws {
        try write([("a", [2, 1], [1, 2]), ("b/é", [3], [3, 4, 5]), ("c", [0], [])])
        let bytes = try AtomicFile.read(path)
        let header = 8 + Int(try headerSize())
        var random = SeededGenerator(seed: 7)
        let spice = Array("0123456789[]{},:\"-eF ".utf8) + [0, 0xFF]
        var refused = 0
        for _ in 0..<3000 {
            var mutated = bytes
            for _ in 0...random.below(3) {
                // Mostly where the entries are; sometimes in the length or the padding.
                let at = random.below(random.below(8) == 0 ? header : 220)
                mutated[at] = spice[random.below(spice.count)]
            }
            if random.below(10) == 0 { mutated.removeLast(random.below(20)) }
            try Damaging.overwrite(path, with: mutated)
            do throws(Fault) {
                let file = try TensorFile(path)
                for name in file.names {
                    guard let tensor = file.tensor(name) else { throw Fault(.defect, "a name without a tensor") }
                    #expect(tensor.bytes.count == tensor.shape.reduce(tensor.type.size, *))
                    _ = tensor.bytes.reduce(UInt8(0), ^)
                }
            } catch {
                #expect(error.kind == .damaged)
                refused += 1
            }
        }
        #expect(refused > 1000 && refused < 3000)
    }
}
