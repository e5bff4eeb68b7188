import BatchFormat
import Digests
import Durable
import Fault
import TestKit
import Testing

struct BatchAddressTests {
    private let address: BatchAddress

    init() throws { address = try BatchAddress(root: "/r", pipeline: "digits", batch: "2026-11-20") }

    @Test func `paths follow from root, pipeline and batch`() throws {
        #expect(address.path == "/r/digits/2026-11-20")
        #expect(address.pipelineFolder == "/r/digits")
        #expect(try address.stage("clean").path == "/r/digits/2026-11-20/clean")
        #expect(address.nightLockFile == "/r/digits/2026-11-20/.locks/night")
    }

    @Test(arguments: [("", "b", "pipeline"), ("..", "b", "pipeline"), ("p", "a/b", "batch"), ("p", ".b", "batch")])
    func `names that are not names are refused`(_ pipeline: String, _ batch: String, _ what: String) {
        let fault = #expect(throws: Fault.self) { try BatchAddress(root: "/r", pipeline: pipeline, batch: batch) }
        #expect(fault?.kind == .usage && fault?.message.contains(what) == true)
    }

    @Test func `a reference leads to its version under a root, and beside the version that names it`() {
        let reference = InputReference(
            pipeline: "digits", batch: "2026-11-20", stage: "fetch", version: "v2", digest: Digest(of: []))
        #expect(reference.folder(under: "/r") == "/r/digits/2026-11-20/fetch/v2")
        #expect(reference.folder(beside: "/copy/b/clean/v1") == "/copy/b/fetch/v2")
        #expect(InputReference.root(ofVersion: "/r/digits/2026-11-20/clean/v1") == "/r")
    }

    @Test func `batches and stages are found in byte order, and nothing else`() throws {
        let scratch = try ScratchFolder()
        for folder in ["b/2/infer", "b/2/clean", "b/10/fetch", "a/1", ".hidden/1/x", "a/.tmp/x"] {
            try Folders.makeAll(scratch[folder])
        }
        try AtomicFile.write([], to: scratch["b/file"])
        let all = try BatchAddress.all(root: scratch.path)
        #expect(all.map { "\($0.pipeline)/\($0.batch)" } == ["a/1", "b/10", "b/2"])
        #expect(try all[2].stages().map(\.stage) == ["clean", "infer"])
        #expect(try BatchAddress.all(root: scratch.path, pipeline: "b", batch: "2") == [all[2]])
        #expect(throws: Fault.self) { try BatchAddress.all(root: scratch["nowhere"]) }
    }
}
