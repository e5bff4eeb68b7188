import BatchFormat
import Durable
import Fault
import FetchStage
import PipelineConfig
import StageRun
import Synchronization
import TestBatches
import TestKit
import Testing
import Transfer

/// A watched directory, with a clock that advances by a second whenever it is read. Files are added during the watch
/// when an event shows how far the run has got.
@Suite struct WatchTests {
    private let batch: TestBatch
    private let uploads: ScratchFolder

    init() throws {
        batch = try TestBatch()
        uploads = try ScratchFolder()
    }

    private func put(_ name: String) throws {
        try AtomicFile.write(Array("bytes of \(name)".utf8), to: uploads[name])
    }

    /// A clock that advances by a second with every reading.
    private final class Ticks: Sendable {
        private let now = Mutex(0.0)
        func next() -> Double {
            now.withLock { now in
                now += 1
                return now
            }
        }
        var source: TimeSource { TimeSource(monotonic: { self.next() }, wall: { self.next() }) }
    }

    private func watch(
        _ toml: String, until: Double?, isPlain: Bool = false, heard: @escaping @Sendable (Event) -> Void = { _ in },
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws -> StageOutcome {
        let config = try PipelineConfig.parse(
            text: """
                format = 1
                [fetch]
                source = "\(uploads.path)"
                exclude = [".*"]
                watch_interval = "1 s"
                \(toml)
                """, fileName: "pipeline.toml")
        let watch = isPlain ? nil : Watch(until: until, time: Ticks().source, isStopped: isStopped)
        let context = RunContext(jobs: 2, events: EventLog(listener: heard))
        return try StageRunner(batch.request(), context).run(
            Fetch(try config.stage(named: "fetch"), environment: [:], watch: watch))
    }

    /// The items of each part of a version.
    private func parts(_ version: Int = 1) throws -> [[String]] {
        let path = batch.path("fetch", version)
        return try VersionFolder.sealedParts(in: path).map {
            try PartReader(version: path, name: $0, digest: nil).items().map(\.id.text)
        }
    }

    @Test func `arrivals are cut by time and by number`() throws {
        try put("b.wav")
        let scratch = uploads
        let seen = Mutex(0)
        let outcome = try watch("part_items = 2\npart_wait = \"20 s\"", until: 200) { event in
            guard event.name == "part_sealed" else { return }
            // After the first part, three files at once: two fill a part, the third waits its time.
            let isFirst = seen.withLock { seen in
                seen += 1
                return seen == 1
            }
            guard isFirst else { return }
            for name in ["c", "d", "a"] {
                try? AtomicFile.write(Array("bytes of \(name)".utf8), to: scratch["\(name).wav"])
            }
        }
        #expect(outcome.status == .current)
        // Each file appears by itself, so that a listing may have seen one or two of them.
        let made = try parts()
        #expect(made.first == ["b.wav"], "cut by its wait: nothing else had come")
        #expect(made.dropFirst().joined().sorted() == ["a.wav", "c.wav", "d.wav"])
        #expect(made.allSatisfy { $0.count <= 2 && $0 == $0.sorted() })
        #expect(try Verification.verify(version: batch.path("fetch")).damages.isEmpty)
    }

    @Test func `the last part is cut at the end`() throws {
        try put("a.wav")
        let outcome = try watch("part_wait = \"1 h\"", until: 30)
        #expect(outcome.status == .current)
        #expect(try parts() == [["a.wav"]])
    }

    @Test func `a watch that is stopped ends in order`() throws {
        try put("a.wav")
        let outcome = try watch("part_wait = \"1 h\"", until: nil, isStopped: { true })
        #expect(outcome.status == .current)
        #expect(try parts() == [["a.wav"]])
    }

    @Test func `nothing new is nothing to do`() throws {
        try put("a.wav")
        _ = try watch("part_wait = \"1 h\"", until: 30)
        let outcome = try watch("part_wait = \"1 h\"", until: 30)
        #expect(outcome.made == 0 && outcome.path == batch.path("fetch", 1))
    }

    @Test func `the same object is not taken twice`() throws {
        try put("a.wav")
        let scratch = uploads
        _ = try watch("part_wait = \"1 s\"", until: 100) { event in
            guard event.name == "part_sealed" else { return }
            // Another object under the same key.
            try? AtomicFile.write(Array("other bytes".utf8), to: scratch["a.wav"])
        }
        #expect(try parts() == [["a.wav"]])
        // The next run notices the change.
        let outcome = try watch("part_wait = \"1 s\"", until: 100)
        #expect(outcome.path == batch.path("fetch", 2) && outcome.made == 1)
    }

    @Test func `an unsealed version is continued`() throws {
        try put("b.wav")
        let (here, away) = (uploads.path, uploads.path + "-away")
        // The source disappears when the first part is sealed: the run fails, as if killed.
        let fault = #expect(throws: Fault.self) {
            _ = try watch("part_wait = \"1 s\"", until: 1000) { event in
                if event.name == "part_sealed" { try? Folders.rename(here, to: away) }
            }
        }
        #expect(fault?.kind == .missing)
        try Folders.rename(away, to: here)
        let folder = try batch.folder("fetch")
        #expect(try folder.versions() == [1])
        #expect(!folder.isSealed(1))
        // An item that sorts first does not move what is already sealed.
        try put("a.wav")
        let outcome = try watch("part_wait = \"1 s\"", until: 60)
        #expect(outcome.path == batch.path("fetch", 1) && outcome.made == 1)
        #expect(try parts() == [["b.wav"], ["a.wav"]])
        #expect(try Verification.verify(version: outcome.path).damages.isEmpty)
    }

    @Test func `a plain run finishes what a watch began`() throws {
        for name in ["b.wav", "d.wav"] { try put(name) }
        let (here, away) = (uploads.path, uploads.path + "-away")
        #expect(throws: Fault.self) {
            _ = try watch("part_items = 1", until: 1000) { event in
                if event.name == "part_sealed" { try? Folders.rename(here, to: away) }
            }
        }
        try Folders.rename(away, to: here)
        let begun = try parts().count
        #expect(begun > 0)
        try put("a.wav")
        let outcome = try watch("part_items = 1", until: nil, isPlain: true)
        #expect(outcome.path == batch.path("fetch", 1) && outcome.made == 3 - begun)
        #expect(try parts().joined().sorted() == ["a.wav", "b.wav", "d.wav"])
    }
}
