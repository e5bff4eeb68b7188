import Fault
import Foundation
import TestKit
import TestModels
import Testing
import TorchModel

@Suite struct TorchLibraryTests {
    @Test func `a missing library is named with the way to get it`() {
        let fault = #expect(throws: Fault.self) { _ = try TorchLibrary.open("/nowhere/libnocturne-torch.so") }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("/nowhere/libnocturne-torch.so") == true)
        #expect(fault?.message.contains("make setup") == true)
    }

    @Test func `a file that is not a library is refused`() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write("library.so", "not a library")
        let fault = #expect(throws: Fault.self) { _ = try TorchLibrary.open(path) }
        #expect(fault?.message.contains(path) == true)
    }

    @Test func `a foreign library is refused`() {
        let fault = #expect(throws: Fault.self) { _ = try TorchLibrary.open("/lib/x86_64-linux-gnu/libm.so.6") }
        #expect(fault?.message.contains("nocturne_torch_open") == true)
    }

    @Test func `the library names its version and devices`() throws {
        let library = try ModelFixtures.library.get()
        #expect(library.torchVersion.contains("."))
        let devices = try library.devices()
        #expect(devices.isBuiltForCUDA || devices.cudaDevices == 0)
    }

    @Test func `the number of threads is set`() throws {
        let library = try ModelFixtures.library.get()
        let before = try library.intraOpThreads()
        try library.setThreads(intraOp: before == 1 ? 2 : 1, interOp: 0)
        #expect(try library.intraOpThreads() == (before == 1 ? 2 : 1))
        try library.setThreads(intraOp: before, interOp: 0)
    }
}
