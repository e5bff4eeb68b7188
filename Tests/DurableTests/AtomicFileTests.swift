import Durable
import Fault
import TestKit
import Testing

@Suite struct AtomicFileTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test(arguments: [0, 1, 4095, 1_000_000])
    func `what is written is read`(_ size: Int) throws {
        let bytes = (0..<size).map { UInt8($0 % 253) }
        try AtomicFile.write(bytes, to: scratch["file"])
        #expect(try AtomicFile.read(scratch["file"]) == bytes)
        try AtomicFile.write([7], to: scratch["file"])
        #expect(try AtomicFile.read(scratch["file"]) == [7])
        #expect(try Folders.names(in: scratch.path) == ["file"])
    }

    @Test func `a file that is too long is refused without being read`() throws {
        try AtomicFile.write([1, 2, 3], to: scratch["file"])
        let fault = #expect(throws: Fault.self) { try AtomicFile.read(scratch["file"], atMost: 2) }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message == "'\(scratch["file"])' is 3 bytes long, more than 2")
    }

    @Test func `what is not there is missing`() {
        let fault = #expect(throws: Fault.self) { try AtomicFile.read(scratch["absent"]) }
        #expect(fault?.kind == .missing)
        #expect(throws: Fault.self) { try AtomicFile.write([], to: scratch["absent/file"]) }
    }

    @Test(arguments: ["open", "write", "fsync", "rename"], ["ENOSPC", "EIO"])
    func `a reader sees the old content or the new`(_ operation: String, _ effect: String) throws {
        try AtomicFile.write(Array("old".utf8), to: scratch["file"])
        for call in 1...3 {
            #expect(FaultInjection.arm("\(operation):\(call):\(effect):\(scratch.path)"))
            let fault: Fault? = {
                do throws(Fault) { try AtomicFile.write(Array("new".utf8), to: scratch["file"]) } catch { return error }
                return nil
            }()
            let struck = FaultInjection.disarm(folder: scratch.path)
            #expect((fault != nil) == struck)
            if let fault { #expect(fault.kind == .disk) }
            let content = String(decoding: try AtomicFile.read(scratch["file"]), as: UTF8.self)
            // The last flush is that of the folder, when the new name is already in place.
            #expect(content == "old" || content == "new")
            if fault != nil && !(operation == "fsync" && call == 2) { #expect(content == "old") }
            try AtomicFile.write(Array("old".utf8), to: scratch["file"])
        }
    }
}
