import Durable
import Fault
import TestKit
import Testing

@Suite struct FileHandleTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func write(_ text: String, _ body: (UnsafeRawBufferPointer) throws(Fault) -> Void) throws {
        try Array(text.utf8).withUnsafeBytesTyped { (raw) throws(Fault) in try body(raw) }
    }

    @Test func `writes go to their places`() throws {
        let file = try FileHandle.creating(scratch["file"])
        try file.seek(to: 4)
        try write("tail") { (raw) throws(Fault) in try file.write(raw) }
        try write("head") { (raw) throws(Fault) in try file.write(raw, at: 0) }
        try write("!") { (raw) throws(Fault) in try file.write(raw) }
        try file.sync()
        #expect(try file.size() == 9)
        #expect(String(decoding: try AtomicFile.read(scratch["file"]), as: UTF8.self) == "headtail!")
    }

    @Test func `reading at an offset leaves the current position alone`() throws {
        let file = try FileHandle.creating(scratch["file"])
        try write("one,two") { (raw) throws(Fault) in try file.write(raw) }
        // Only a hint: the content is the same with and without it.
        file.startWriting(from: 0, count: 7)
        var piece = [UInt8](repeating: 0, count: 8)
        let count = try piece.withUnsafeMutableBytesTyped { (raw) throws(Fault) in try file.read(into: raw, at: 4) }
        #expect(String(decoding: piece.prefix(count), as: UTF8.self) == "two")
        #expect(try piece.withUnsafeMutableBytesTyped { (raw) throws(Fault) in try file.read(into: raw, at: 7) } == 0)
        try write(",three") { (raw) throws(Fault) in try file.write(raw) }
        #expect(String(decoding: try AtomicFile.read(scratch["file"]), as: UTF8.self) == "one,two,three")
    }

    @Test func `appending keeps what is there`() throws {
        for text in ["one,", "two"] {
            let file = try FileHandle.appending(scratch["log"])
            try write(text) { (raw) throws(Fault) in try file.write(raw) }
        }
        #expect(String(decoding: try AtomicFile.read(scratch["log"]), as: UTF8.self) == "one,two")
    }

    @Test func `creating empties what is there`() throws {
        try AtomicFile.write([1, 2, 3], to: scratch["file"])
        _ = try FileHandle.creating(scratch["file"])
        #expect(try AtomicFile.read(scratch["file"]).isEmpty)
    }

    @Test func `a descriptor is closed with its owner`() throws {
        let descriptor: Int32 = try {
            let file = try FileHandle.creating(scratch["file"])
            return file.descriptor
        }()
        // The lowest free descriptor is reused next; another test may have taken it, so check that it is not our file.
        #expect(Folders.resolved("/proc/self/fd/\(descriptor)") != scratch["file"])
    }

    @Test func `the kernel's error decides the kind`() throws {
        let missing = #expect(throws: Fault.self) { _ = try FileHandle.reading(scratch["absent"]) }
        #expect(missing?.kind == .missing)
        try AtomicFile.write([], to: scratch["file"])
        let notAFolder = #expect(throws: Fault.self) { _ = try FileHandle.reading(scratch["file/x"]) }
        #expect(notAFolder?.kind == .missing)
        let isAFolder = #expect(throws: Fault.self) { _ = try FileHandle.creating(scratch.path) }
        #expect(isAFolder?.kind == .disk)
        #expect(throws: Fault.self) { _ = try FileHandle.folder(scratch["file"]) }
    }
}
