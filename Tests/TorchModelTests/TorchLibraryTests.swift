import Fault
import Foundation
import ModelFixtures
import Testing
import TorchModel

@Suite struct TorchLibraryTests {
    @Test func aMissingLibraryIsNamedWithTheWayToGetIt() {
        let fault = #expect(throws: Fault.self) { _ = try TorchLibrary.open("/nowhere/libnocturne-torch.so") }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("/nowhere/libnocturne-torch.so") == true)
        #expect(fault?.message.contains("make setup") == true)
    }

    @Test func aFileThatIsNoLibraryIsRefused() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "nocturne-\(UUID()).so").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("not a library".utf8).write(to: URL(filePath: path))
        let fault = #expect(throws: Fault.self) { _ = try TorchLibrary.open(path) }
        #expect(fault?.message.contains(path) == true)
    }

    @Test func aForeignLibraryIsRefused() {
        let fault = #expect(throws: Fault.self) { _ = try TorchLibrary.open("/lib/x86_64-linux-gnu/libm.so.6") }
        #expect(fault?.message.contains("nocturne_torch_open") == true)
    }

    @Test func tellsItsVersionAndDevices() throws {
        let library = try ModelFixtures.library.get()
        #expect(library.torchVersion.contains("."))
        let devices = try library.devices()
        #expect(devices.isBuiltForCUDA || devices.cudaDevices == 0)
    }

    @Test func setsThreads() throws {
        let library = try ModelFixtures.library.get()
        let before = try library.intraOpThreads()
        try library.setThreads(intraOp: before == 1 ? 2 : 1, interOp: 0)
        #expect(try library.intraOpThreads() == (before == 1 ? 2 : 1))
        try library.setThreads(intraOp: before, interOp: 0)
    }
}
