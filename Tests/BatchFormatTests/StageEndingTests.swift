import BatchFormat
import Durable
import Fault
import TestKit
import Testing

/// How the last run of a stage ended, on disk.
struct StageEndingTests {
    private let scratch: ScratchFolder
    private let folder: StageFolder

    init() throws {
        scratch = try ScratchFolder()
        folder = try BatchAddress(root: scratch.path, pipeline: "digits", batch: "2026-11-20").stage("clean")
    }

    private var file: String { scratch["digits/2026-11-20/.runs/clean.json"] }

    private func ending(_ code: Int32 = 69, because: String? = nil) -> StageEnding {
        StageEnding(
            stage: "clean", tool: "clean", status: ToolExit(code: code), message: "no \"answer\" from 'x'",
            time: 1_795_240_800.25, version: "v3", because: because, night: "n1")
    }

    @Test func `what is written is read, and a failure before the first version leaves no stage behind`() throws {
        try ending().write(of: folder)
        #expect(StageEnding(of: folder) == ending())
        #expect(!Folders.exists(folder.path))
        #expect(try Folders.names(in: scratch["digits/2026-11-20/.runs"]) == ["clean.json"])
        let text = String(decoding: try AtomicFile.read(file), as: UTF8.self)
        #expect(
            text == #"{"format": 1, "stage": "clean", "tool": "clean", "code": 69, "kind": "unavailable", "#
                + #""message": "no \"answer\" from 'x'", "time": "2026-11-21T06:00:00.250Z", "version": "v3", "night": "n1"}"#
                + "\n")
    }

    @Test func `a later ending takes the place of the one before, and one can be removed`() throws {
        try ending().write(of: folder)
        try ending(0).write(of: folder)
        #expect(StageEnding(of: folder)?.status == .done && StageEnding(of: folder)?.isBad == false)
        try StageEnding.remove(of: folder)
        try StageEnding.remove(of: folder)
        #expect(StageEnding(of: folder) == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "{}", #"{"format": 2, "stage": "clean", "tool": "clean", "code": 0, "message": "", "time": ""}"#,
    ])
    func `what makes no sense is no ending`(text: String) throws {
        try ending().write(of: folder)
        try AtomicFile.write(Array(text.utf8), to: file)
        #expect(StageEnding(of: folder) == nil)
    }

    @Test func `a consequence keeps its code and names its cause`() throws {
        let blamed = ending(143).blaming("infer", "stopped because 'infer' ended with exit code 78")
        try blamed.write(of: folder)
        #expect(StageEnding(of: folder)?.because == "infer" && StageEnding(of: folder)?.status.isStop == true)
    }

    @Test func `what waits because another version is pinned lets the stages after it run`() throws {
        let waiting = StageEnding(
            stage: "clean", tool: "clean", status: ToolExit(.heldBack), message: "v2 waits", time: 0, version: "v2",
            pinned: "v1")
        try waiting.write(of: folder)
        let read = try #require(StageEnding(of: folder))
        #expect(read == waiting && read.isBad && read.isWaiting && read.letsReadersRun)
        #expect(!ending(10).isWaiting && !ending(10).letsReadersRun && ending(0).letsReadersRun)
    }

    @Test func `a disk that takes no ending leaves the one before`() throws {
        try ending().write(of: folder)
        #expect(FaultInjection.arm("rename:1:EIO:\(scratch.path)"))
        defer { FaultInjection.disarm(folder: scratch.path) }
        #expect(throws: Fault.self) { try ending(0).write(of: folder) }
        #expect(StageEnding(of: folder) == ending())
        #expect(try Folders.names(in: scratch["digits/2026-11-20/.runs"]) == ["clean.json"])
    }
}
