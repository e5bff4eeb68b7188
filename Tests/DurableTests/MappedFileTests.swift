import Durable
import Fault
import TestKit
import Testing

@Suite struct MappedFileTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test(arguments: [0, 1, 4096, 100_001])
    func `the bytes are the file's`(_ size: Int) throws {
        let bytes = (0..<size).map { UInt8($0 % 241) }
        try AtomicFile.write(bytes, to: scratch["file"])
        let map = try MappedFile(scratch["file"])
        map.adviseSequential()
        #expect(map.count == size)
        #expect(map.path == scratch["file"])
        #expect(map.bytes.elementsEqual(bytes))
    }

    @Test func `the mapping outlives the name`() throws {
        try AtomicFile.write([1, 2, 3], to: scratch["file"])
        let map = try MappedFile(scratch["file"])
        try Folders.remove(scratch["file"])
        #expect(Array(map.bytes) == [1, 2, 3])
    }

    @Test func `what cannot be mapped is a fault`() throws {
        let missing = #expect(throws: Fault.self) { _ = try MappedFile(scratch["absent"]) }
        #expect(missing?.kind == .missing)
        #expect(throws: Fault.self) { _ = try MappedFile(scratch.path) }
    }
}
