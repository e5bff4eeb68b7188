import BatchFormat
import Durable
import JSON
import StageRun
import StoreStage
import TestDatabases
import TestServers
import Testing

/// A stage's newest version is not the one in the tables: both are recorded.
@Suite struct EarlierRunTests {
    /// What prevents a second version of `infer`.
    enum Story: CaseIterable {
        case fails, isHeldBack, isPassedOverByAPin

        var status: String {
            switch self {
            case .fails: "failed"
            case .isHeldBack: "held_back"
            case .isPassedOverByAPin: "sealed"
            }
        }
    }

    /// Makes the second version.
    private static func play(_ story: Story, in night: TestNight) throws {
        let fetch = try VersionReader(night.folder("fetch").version(1))
        let items = [[Item.saying("six", "a")], [Item("c", rejectedFor: "inference_failed")]]
        try night.seal("infer", 2, inputs: [fetch], parts: items, salt: "2", asCurrent: story == .isPassedOverByAPin)
        let folder = try night.folder("infer")
        switch story {
        case .fails: try Folders.remove(folder.version(2) + "/" + VersionFolder.sealName)
        case .isHeldBack: try folder.setHeld(2)
        case .isPassedOverByAPin:
            try folder.setPinned(1)
            try folder.setCurrent(1)
        }
    }

    private static let figures = [
        "version", "fingerprint", "items", "rejected", "seconds", "peak_memory_bytes", "bytes_in", "bytes_out",
    ]

    private static func row(_ test: TestDatabase, _ stage: String) throws -> [String?] {
        try test.query("SELECT \(figures.joined(separator: ", ")) FROM runs WHERE stage = '\(stage)'")[0]
    }

    private static func summary(_ test: TestDatabase, _ stage: String) throws -> JSON {
        try JSON(parsing: #require(try test.query("SELECT summary FROM runs WHERE stage = '\(stage)'")[0][0]))
    }

    /// A figure as the database writes it as text.
    private static func text(_ value: JSON?) -> String? {
        value?.string ?? value?.int.map { String($0) } ?? value?.double.map { String($0) }
    }

    @Test(arguments: Backend.allCases, Story.allCases)
    func `the figures of what is loaded stand beside the newest run`(_ backend: Backend, _ story: Story) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        let (loaded, store) = (try Self.row(test, "infer"), try Self.row(test, "store"))
        try Self.play(story, in: night)
        // At the night's end, and with a load of the same versions.
        for byLoad in [false, true] {
            if byLoad {
                let first = try night.folder("infer").version(1)
                try night.store(test.url) { ($0.input, $0.force) = (first, true) }.run()
            } else {
                try night.store(test.url).recordRuns()
            }
            #expect(try Self.row(test, "infer")[0] == "v2")
            #expect(try test.query("SELECT status FROM runs WHERE stage = 'infer'") == [[story.status]])
            let summary = try Self.summary(test, "infer")
            #expect(Self.figures.map { Self.text(summary["loaded"]?[$0]) } == loaded, "\(summary)")
            #expect(summary["loaded"]?["summary"]?["rejected_by_reason"] == ["inference_failed": 1])
            #expect(summary["loaded"]?["started_at"] == "2026-11-20T02:00:00.000000Z")
            #expect(summary["loaded"]?["finished_at"] == "2026-11-20T02:00:02.500000Z")
            #expect(summary["current"] == "v1")
            #expect(summary["pinned"] == (story == .isPassedOverByAPin ? "v1" : nil))
            for stage in ["fetch", "store"] {
                #expect(try Self.summary(test, stage)["loaded"] == nil, "\(stage): what is loaded is the newest")
            }
            if !byLoad { #expect(try Self.row(test, "store")[0] == store[0]) }
        }
        #expect(try test.query("SELECT DISTINCT version FROM predictions") == [["v1"]])
    }

    @Test(arguments: Backend.allCases) func `once the newest is loaded, nothing else is shown`(_ backend: Backend)
        throws
    {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        try Self.play(.isPassedOverByAPin, in: night)
        try night.store(test.url).recordRuns()
        try night.folder("infer").setPinned(2)
        try night.folder("infer").setCurrent(2)
        try night.store(test.url).run()
        for _ in 0..<2 {
            let summary = try Self.summary(test, "infer")
            #expect(summary["loaded"] == nil && summary["current"] == nil)
            #expect(summary["pinned"] == "v2", "a person's choice, though it is the newest")
            try night.store(test.url).recordRuns()
        }
    }

    @Test(arguments: Backend.allCases) func `a store that fails leaves what was stored`(_ backend: Backend) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        let stored = try Self.row(test, "store")
        let folder = try night.folder("store")
        try Folders.makeAll(folder.version(2))
        try AtomicFile.write(
            AtomicFile.read(folder.version(1) + "/run.json"), to: folder.version(2) + "/run.json")
        try night.store(test.url).recordRuns()
        #expect(try test.query("SELECT version, status FROM runs WHERE stage = 'store'") == [["v2", "failed"]])
        let loaded = try #require(try Self.summary(test, "store")["loaded"])
        #expect(loaded["version"] == "v1" && Self.text(loaded["items"]) == stored[2])
        #expect(loaded["summary"]?["transaction"]?.int != nil)
    }

    @Test(arguments: Backend.allCases, [true, false])
    func `only the name is known of a version that is gone`(_ backend: Backend, isMadeAgain: Bool) throws {
        let (test, night) = (try TestDatabase(backend), try TestNight())
        try night.sealChain()
        try night.store(test.url).run()
        for stage in ["fetch", "infer"] { try Folders.remove(try night.folder(stage).path) }
        if isMadeAgain {
            // The same version number, with other content.
            let fetch = try night.seal("fetch", parts: [[Item("x")]], salt: "again")
            try night.seal("infer", inputs: [fetch], parts: [[.saying("one", "x")]], salt: "again")
        }
        try night.store(test.url).recordRuns()
        #expect(
            try test.query("SELECT version, status, items FROM runs WHERE stage = 'infer'")
                == [isMadeAgain ? ["v1", "sealed", "1"] : ["", "absent", nil]])
        let loaded = try #require(try Self.summary(test, "infer")["loaded"])
        #expect(loaded["version"] == "v1" && loaded["items"] == nil, "\(loaded)")
    }
}
