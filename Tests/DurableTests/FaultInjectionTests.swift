import Durable
import Fault
import TestKit
import Testing

@Suite struct FaultInjectionTests {
    @Test(arguments: [
        "", "write", "write:1", "write:0:EIO", "write:-1:EIO", "write:x:EIO", "read:1:EIO", "write:1:EOTHER", ":1:EIO",
        "write:+:EIO", "write:0+:EIO", "write:1+", "write:1:TERM+",
    ])
    func `an invalid plan is refused`(_ text: String) { #expect(!FaultInjection.arm(text)) }

    @Test func `only the chosen call of the chosen kind in the chosen folder fails`() throws {
        let (scratch, other) = (try ScratchFolder(), try ScratchFolder())
        #expect(FaultInjection.arm("mkdir:2:EROFS:\(scratch.path)"))
        try AtomicFile.write([], to: scratch["file"])
        try Folders.make(scratch["a"])
        try Folders.make(other["a"])
        try Folders.make(other["b"])
        let fault = #expect(throws: Fault.self) { try Folders.make(scratch["b"]) }
        #expect(fault?.kind == .disk)
        #expect(fault?.message == "cannot make the folder '\(scratch["b"])': Read-only file system")
        try Folders.make(scratch["b"])
        #expect(FaultInjection.disarm(folder: scratch.path))
    }

    @Test func `a lasting plan fails every call from its turn on`() throws {
        let scratch = try ScratchFolder()
        #expect(FaultInjection.arm("mkdir:2+:ENOSPC:\(scratch.path)"))
        try Folders.make(scratch["a"])
        for _ in 0..<3 { #expect(throws: Fault.self) { try Folders.make(scratch["b"]) } }
        try AtomicFile.write([], to: scratch["file"])
        #expect(FaultInjection.disarm(folder: scratch.path))
        try Folders.make(scratch["b"])
    }

    @Test func `disarming tells whether the plan took effect`() throws {
        let scratch = try ScratchFolder()
        #expect(FaultInjection.arm("any:1:EACCES:\(scratch.path)"))
        #expect(!FaultInjection.disarm(folder: scratch.path))
        #expect(FaultInjection.disarm(folder: scratch.path))
        try Folders.make(scratch["a"])
    }
}
