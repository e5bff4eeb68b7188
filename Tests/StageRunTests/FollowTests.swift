import BatchFormat
import Digests
import Durable
import Fault
import Glibc
import JSON
import PipelineConfig
import StageRun
import Synchronization
import TestBatches
import TestKit
import Testing
import Workers

/// Lets a run make parts only as far as a test allows.
private final class Gate: Sendable {
    private let allowed: Atomic<Int>
    private let isBroken = Atomic<Bool>(false)

    init(_ parts: Int) { allowed = Atomic(parts) }

    func open(_ parts: Int = .max) { allowed.store(parts, ordering: .releasing) }

    /// Lets the run fail where it stands.
    func fail() { isBroken.store(true, ordering: .releasing) }

    func pass(_ index: Int) throws(Fault) {
        while allowed.load(ordering: .acquiring) <= index {
            if isBroken.load(ordering: .acquiring) { throw Fault(.unavailable, "the source has gone") }
            usleep(1000)
        }
    }
}

/// Keeps every item, as soon as the gate lets it.
private struct Copying: DerivedPartMaker {
    let gate: Gate

    func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault) {
        try gate.pass(VersionFolder.partIndex(part.name) ?? 0)
        for var row in try part.items() {
            row.object["clean"] = ["seen": true]
            try writer.append(row)
        }
    }
}

/// A clean stage that copies.
private struct Cleaning: DerivedStage {
    static let tool = StageTool.clean
    static let revision = 1
    let config: StageConfig
    let gate: Gate

    func prepare(_ input: StageInput, _ context: RunContext) throws(Fault) -> Copying { Copying(gate: gate) }
}

@Suite struct FollowTests {
    private let batch: TestBatch
    private let parts = (0..<4).map { [TestItem("a\($0)"), TestItem("b\($0)")] }

    init() throws { batch = try TestBatch() }

    /// A run of fetch that begins at once and is through when the gate lets it.
    private func fetch(
        _ gate: Gate, _ parts: [[TestItem]]? = nil, gates: Gates = Gates(minItems: 0, maxRejectRatio: nil),
        ahead: Int = 8, night: String? = nil
    ) -> BackgroundWork<TestBatch.Run, Fault> {
        let (batch, parts) = (batch, parts ?? self.parts)
        return BackgroundWork { () throws(Fault) in
            try batch.run("fetch", parts) {
                $0.gates = gates
                $0.request = {
                    $0.streaming.limits.maxPartsAhead = ahead
                    $0.streaming.night = night
                }
                $0.making = { (index) throws(Fault) in try gate.pass(index) }
            }
        }
    }

    private static func pipeline() throws(Fault) -> PipelineConfig {
        try PipelineConfig.parse(
            text: "format = 1\n[fetch]\nsource = \"in\"\n[clean]\n[other]\ntool = \"clean\"\ninput = \"fetch\"\n",
            fileName: "pipeline.toml")
    }

    /// Runs clean, by default following fetch.
    private func clean(
        _ batch: TestBatch, gate: Gate = Gate(.max), stage: String = "clean", follow: Bool = true, wait: Double = 30,
        night: String? = nil, ended: Set<String> = [], consume: Bool = false
    ) throws(Fault) -> StageOutcome {
        let config = try Self.pipeline()
        let reader = try config.stage(named: "clean")
        let request = batch.request {
            $0.streaming.follow = follow
            $0.streaming.night = night
            $0.streaming.ended = ended
            $0.streaming.limits.followWait = wait
            $0.streaming.limits.consume = consume
            $0.streaming.readers = ["fetch": [reader]]
        }
        return try StageRunner(request, RunContext(jobs: 1, events: EventLog())).run(
            Cleaning(config: try config.stage(named: stage), gate: gate))
    }

    private func follower(
        gate: Gate = Gate(.max), stage: String = "clean", night: String? = nil
    ) -> BackgroundWork<StageOutcome, Fault> {
        BackgroundWork { () throws(Fault) in try clean(batch, gate: gate, stage: stage, night: night) }
    }

    /// What clean makes when it runs after fetch.
    private func staged(_ nights: [[TestItem]]...) throws -> [String: Digest] {
        let batch = try TestBatch()
        for night in nights {
            try batch.run("fetch", night)
            _ = try clean(batch, follow: false)
        }
        return try batch.contents("clean", nights.count)
    }

    private func wait(for path: String) throws {
        try TestKit.wait(for: path) { Folders.exists(path) }
    }

    @Test func `parts are taken as they are sealed, and the bytes are those of a staged run`() throws {
        let gate = Gate(1)
        let fetching = fetch(gate)
        let cleaning = follower()
        try wait(for: "\(batch.path("clean"))/part-00000/part.json")
        #expect(!Folders.exists("\(batch.path("fetch"))/part-00001"), "fetch has not got further")
        gate.open()
        #expect(try fetching.result().outcome.status == .current)
        let outcome = try cleaning.result()
        #expect(outcome.status == .current && outcome.made == 4)
        #expect(try batch.contents("clean", 1) == staged(parts))
        #expect(try Verification.verify(version: batch.path("clean")).damages.isEmpty)
        #expect(outcome.seal?.run.waitedForInput ?? 0 > 0)
        // Run again, one after the other: the same version.
        #expect(try clean(batch, follow: false).path == batch.path("clean"))
    }

    @Test func `a writer that fails ends its follower, which continues later`() throws {
        let gate = Gate(2)
        let fetching = fetch(gate)
        let cleaning = follower()
        try wait(for: "\(batch.path("clean"))/part-00001/part.json")
        gate.fail()
        #expect(throws: Fault.self) { try fetching.result() }
        let fault = #expect(throws: Fault.self) { try cleaning.result() }
        #expect(fault?.kind == .retryLater)
        #expect(fault?.message.contains("run 'fetch' again") == true)
        #expect(try batch.folder("clean").current() == nil && !batch.folder("clean").isSealed(1))
        let again = (fetch(Gate(.max), night: "next"), follower(night: "next"))
        #expect(try again.0.result().outcome.path == batch.path("fetch"))
        let outcome = try again.1.result()
        #expect(outcome.path == batch.path("clean") && outcome.made == 2)
        #expect(try batch.contents("clean", 1) == staged(parts))
    }

    @Test func `what a follower left is finished by a plain run`() throws {
        let gate = Gate(3)
        let fetching = fetch(gate)
        let cleaning = follower()
        try wait(for: "\(batch.path("clean"))/part-00002/part.json")
        gate.fail()
        #expect(throws: Fault.self) { try fetching.result() }
        #expect(throws: Fault.self) { try cleaning.result() }
        try batch.run("fetch", parts)
        let outcome = try clean(batch, follow: false)
        #expect(outcome.path == batch.path("clean") && outcome.made == 1 && outcome.status == .current)
        #expect(try batch.contents("clean", 1) == staged(parts))
    }

    @Test func `a writer that is held back holds its follower back`() throws {
        let gate = Gate(1)
        let fetching = fetch(gate, gates: Gates(minItems: 100, maxRejectRatio: nil))
        let cleaning = follower()
        try wait(for: "\(batch.path("clean"))/part-00000/part.json")
        gate.open()
        #expect(try fetching.result().outcome.fault?.kind == .heldBack)
        let fault = #expect(throws: Fault.self) { try cleaning.result() }
        #expect(fault?.kind == .heldBack)
        #expect(try batch.folder("clean").current() == nil && !batch.folder("clean").isSealed(1))
        // Accepted by hand, nothing has to be made again.
        try batch.folder("fetch").setPinned(1)
        try batch.folder("fetch").setCurrent(1)
        try batch.folder("fetch").setHeld(nil)
        #expect(try clean(batch, follow: false).made == 0)
        #expect(try batch.contents("clean", 1) == staged(parts))
    }

    @Test func `what is pinned is read at once, whatever is being written or held back`() throws {
        try batch.run("fetch", parts)
        try batch.folder("fetch").setPinned(1)
        let gate = Gate(0)
        let late = parts + [[TestItem("late")]]
        let fetching = fetch(gate, late, gates: Gates(minItems: 100, maxRejectRatio: nil), night: "this")
        #expect(try clean(batch, wait: 86_400, night: "this").made == 4, "fetch is still at work")
        gate.open()
        #expect(try fetching.result().outcome.fault?.kind == .heldBack)
        #expect(try batch.folder("fetch").current() == 1 && batch.folder("fetch").held() == 2)
        #expect(try clean(batch, night: "this").path == batch.path("clean"), "what is held back does not stop it")
    }

    @Test func `a pin that has lost its version is not followed`() throws {
        try batch.run("fetch", parts)
        try batch.folder("fetch").setPinned(7)
        #expect(try clean(batch, wait: 0.05).made == 4)
    }

    @Test func `without a writer the accepted version is taken after a while`() throws {
        let nothing = #expect(throws: Fault.self) { try clean(batch, wait: 0.05) }
        #expect(nothing?.kind == .missing)
        try batch.run("fetch", parts)
        let outcome = try clean(batch, wait: 0.05)
        #expect(outcome.status == .current && outcome.made == 4)
        #expect(try batch.contents("clean", 1) == staged(parts))
    }

    @Test func `the writer of the same night is not waited for again when it has ended`() throws {
        _ = try fetch(Gate(.max), night: "first").result()
        // Without a limit worth the name: it would be heard of as a test that never ends.
        #expect(try clean(batch, wait: 86_400, night: "first").made == 4)
        let gate = Gate(0)
        let failed = fetch(gate, [[TestItem("new")]] + parts, night: "second")
        gate.fail()
        #expect(throws: Fault.self) { try failed.result() }
        let fault = #expect(throws: Fault.self) { try clean(batch, wait: 86_400, night: "second") }
        #expect(fault?.kind == .retryLater)
        #expect(try batch.folder("clean").versions() == [1], "nothing was begun on the old version")
    }

    @Test func `a follower waits for its own night's writer, whatever another left and however late it starts`() throws
    {
        _ = try fetch(Gate(.max), night: "another").result()
        // No limit holds in a night: the accepted version is not what the night is to produce.
        let cleaning = BackgroundWork { () throws(Fault) in try clean(batch, wait: 0, night: "this") }
        try wait(for: "\(batch.folder("clean").path)/.locks/writer")
        usleep(200_000)
        #expect(try batch.folder("clean").versions().isEmpty, "nothing was begun on the old version")
        _ = try fetch(Gate(.max), parts + [[TestItem("late")]], night: "this").result()
        #expect(try cleaning.result().made == 5)
    }

    @Test func `a stage whose run has ended in the night is read as it is`() throws {
        try batch.run("fetch", parts)
        try Folders.remove(batch.folder("fetch").lockFile("writer"))
        #expect(try clean(batch, wait: 0, night: "this", ended: ["fetch"]).made == 4)
    }

    @Test func `more of the same becomes a new version of links and new parts`() throws {
        try batch.run("fetch", parts)
        _ = try clean(batch, follow: false)
        let late = parts + [[TestItem("late")]]
        let (fetching, cleaning) = (fetch(Gate(.max), late, night: "this"), follower(night: "this"))
        _ = try fetching.result()
        let outcome = try cleaning.result()
        #expect(outcome.path == batch.path("clean", 2) && outcome.made == 1 && outcome.linked == 4)
        #expect(try batch.contents("clean", 2) == staged(parts, late))
    }

    @Test func `the same again starts no version`() throws {
        try batch.run("fetch", parts)
        _ = try clean(batch, follow: false)
        // Another version of fetch, of which nothing that clean makes differs.
        let fetching = BackgroundWork { () throws(Fault) in
            try batch.run("fetch", parts) {
                $0.request = {
                    $0.force = true
                    $0.streaming.night = "this"
                }
            }
        }
        let cleaning = follower(night: "this")
        #expect(try fetching.result().outcome.path == batch.path("fetch", 2))
        #expect(try cleaning.result().path == batch.path("clean"))
        #expect(try batch.folder("clean").versions() == [1])
    }

    @Test func `two may follow, and the writer stays near the slower`() throws {
        let (writing, slow) = (Gate(.max), Gate(0))
        let heard = Mutex<[Int]>([])
        let (batch, parts, folder) = (batch, parts, try batch.folder("fetch"))
        let fetching = BackgroundWork { () throws(Fault) in
            try batch.run("fetch", parts) {
                $0.request = { $0.streaming.limits.maxPartsAhead = 2 }
                $0.making = { (index) throws(Fault) in
                    // The first waits until both are there.
                    for stage in ["clean", "other"] where index == 0 {
                        while !Folders.exists(folder.lockFile("follower-\(stage)")) {
                            usleep(1000)
                        }
                    }
                    try writing.pass(index)
                    let other = batch.path("other")
                    let done = Folders.exists(other) ? try VersionFolder.sealedParts(in: other) : []
                    heard.withLock { $0.append(index - done.count) }
                }
            }
        }
        let (fast, slower) = (follower(), follower(gate: slow, stage: "other"))
        try wait(for: "\(batch.path("clean"))/part-00001/part.json")
        slow.open()
        #expect(try fetching.result().outcome.seal?.run.waitedForFollowers ?? 0 > 0)
        #expect(try fast.result().made == 4)
        #expect(try slower.result().made == 4)
        #expect(heard.withLock { $0.allSatisfy { $0 <= 2 } }, "\(heard.withLock { $0 })")
    }

    /// A run of fetch with raw objects, of which those of one part at a time may wait to be consumed.
    private func fetchInLittleRoom(
        followWait: Double = 60, night: String? = "this",
        _ making: @escaping @Sendable (_ index: Int) throws(Fault) -> Void
    ) -> BackgroundWork<TestBatch.Run, Fault> {
        let (batch, parts) = (batch, parts)
        return BackgroundWork { () throws(Fault) in
            let reader = try Self.pipeline().stage(named: "clean")
            return try batch.run("fetch", parts) {
                $0.objects = { Array($0.utf8) }
                $0.request = {
                    $0.streaming.limits = StreamConfig {
                        $0.followWait = followWait
                        $0.consume = true
                        $0.diskBudget = 1
                    }
                    $0.streaming.readers = ["fetch": [reader]]
                    $0.streaming.night = night
                }
                $0.making = making
            }
        }
    }

    @Test func `a full disk_budget says so when what is pinned keeps anyone from making room`() throws {
        try batch.run("fetch", [[TestItem("a")]])
        try batch.folder("fetch").setPinned(1)
        let fetching = fetchInLittleRoom { (_) throws(Fault) in }
        let fault = #expect(throws: Fault.self) { try fetching.result() }
        #expect(fault?.kind == .retryLater && fault?.message.contains("pinned to v1 by hand") == true)
    }

    @Test func `what is consumed is released and makes room`() throws {
        let path = batch.path("fetch")
        let fetching = fetchInLittleRoom { (index) throws(Fault) in
            for before in 0..<index {
                let part = try PartReader(version: path, name: VersionFolder.partName(before), digest: nil)
                if try part.released()?.reason != .consumed { throw Fault(.defect, "part \(before) is still there") }
            }
        }
        let cleaning = BackgroundWork { () throws(Fault) in try clean(batch, night: "this", consume: true) }
        #expect(try fetching.result().outcome.status == .current)
        #expect(try cleaning.result().status == .current)
        // The last part is released by the follower, when everything has ended.
        for index in 0..<4 {
            let part = try VersionReader(path).part(index)
            #expect(try part.released()?.message == "consumed by clean")
            #expect(!Folders.exists("\(part.folder)/objects/a\(index)"))
        }
        #expect(try Verification.verify(version: path).damages.isEmpty)
        #expect(try Verification.verify(version: batch.path("clean")).damages.isEmpty)
    }

    @Test(arguments: [
        // In a stream the others may be slow to begin; alone, none will come, and a day would be waited in vain.
        ("this", 0.05), (nil, 86_400.0),
    ])
    func `with nobody to make room the run stops, and continues later`(night: String?, followWait: Double) throws {
        let fault = #expect(throws: Fault.self) {
            try fetchInLittleRoom(followWait: followWait, night: night) { (_) throws(Fault) in }.result()
        }
        #expect(fault?.kind == .retryLater)
        #expect(fault?.message.contains("stream.disk_budget is 1") == true)
        #expect(fault?.message.contains("no run of 'clean' follows") == true)
        let run = try batch.run("fetch", parts) { $0.objects = { Array($0.utf8) } }
        #expect(run.made == [1, 2, 3] && run.outcome.path == batch.path("fetch"))
    }

    @Test func `a run that is about to follow is waited for`() throws {
        // Its own lock first, as a follower has it: it may still be looking for whom to follow.
        let folder = try batch.folder("clean")
        let lock = try folder.lock()
        let coming = try #require(PresenceFile(folder.lockFile("writer")))
        coming.say("begun another")
        let fetching = fetchInLittleRoom(followWait: 86_400, night: nil) { (_) throws(Fault) in }
        try wait(for: "\(batch.path("fetch"))/part-00000/part.json")
        lock.release()
        withExtendedLifetime(coming) {}
        #expect(try clean(batch, consume: true).made == 4)
        #expect(try fetching.result().outcome.status == .current)
    }

    @Test func `a follower that died blocks nobody`() throws {
        try batch.run("fetch", parts)
        let folder = try batch.folder("fetch")
        _ = PresenceFile(folder.lockFile("follower-clean"))
        let run = try fetch(Gate(.max), parts + [[TestItem("late")]], ahead: 1).result()
        #expect(run.outcome.status == .current)
    }
}
