import BatchFormat
import Durable
import Fault
import StageRun
import TestBatches
import Testing
import Workers

@Suite struct ShardTests {
    private let batch: TestBatch
    private let parts = (0..<5).map { [TestItem("item-\($0)")] }

    init() throws { batch = try TestBatch() }

    private func run(_ selection: PartSelection) throws(Fault) -> TestBatch.Run {
        try batch.run("clean", parts) { $0.request = { $0.parts = selection } }
    }

    @Test func `the last shard seals, and none moves current`() throws {
        let first = try run(.shard(index: 1, count: 3))
        #expect(first.made == [0, 3] && first.outcome.status == .apart && first.outcome.seal == nil)
        #expect(try run(.shard(index: 3, count: 3)).made == [2])
        let last = try run(.shard(index: 2, count: 3))
        #expect(last.made == [1, 4] && last.outcome.seal?.items == 5 && last.outcome.status == .apart)
        let folder = try batch.folder("clean")
        #expect(try folder.versions() == [1])
        #expect(folder.isSealed(1) && folder.current() == nil)
        #expect(try Verification.verify(version: batch.path("clean")).damages.isEmpty)
        // A whole run finds everything done, and moves current.
        let whole = try run(.all)
        #expect(whole.made.isEmpty && whole.outcome.status == .current)
    }

    @Test func `shards and a whole run give the same bytes`() throws {
        for index in 1...2 { _ = try run(.shard(index: index, count: 2)) }
        let other = try TestBatch()
        try other.run("clean", parts)
        #expect(try batch.contents("clean", 1) == other.contents("clean", 1))
    }

    @Test func `a shard that is run again has nothing to do`() throws {
        _ = try run(.shard(index: 1, count: 2))
        #expect(try run(.shard(index: 1, count: 2)).made.isEmpty)
        _ = try run(.shard(index: 2, count: 2))
        let seal = try AtomicFile.read("\(batch.path("clean"))/batch.json")
        #expect(try run(.shard(index: 2, count: 2)).outcome.seal != nil)
        #expect(try AtomicFile.read("\(batch.path("clean"))/batch.json") == seal)
    }

    @Test func `a whole run continues what shards have made`() throws {
        _ = try run(.listed([1...2]))
        let whole = try run(.all)
        #expect(whole.outcome.path == batch.path("clean") && whole.made == [0, 3, 4])
        #expect(whole.outcome.status == .current)
    }

    @Test func `more shards than parts leave some with nothing`() throws {
        #expect(try run(.shard(index: 7, count: 9)).made.isEmpty)
    }

    @Test func `parts that are not there are wrong usage`() throws {
        for ranges in [[5...5], [0...0, 4...9]] {
            let fault = #expect(throws: Fault.self) { try run(.listed(ranges)) }
            #expect(fault?.kind == .usage)
        }
        #expect(try batch.folder("clean").versions().isEmpty)
    }

    @Test func `a part that another shard is making is left to it`() throws {
        _ = try run(.listed([0...0]))
        let lock = try FolderLock.trying(file: "\(batch.folder("clean").path)/.locks/part-00003", .exclusive)
        let fault = #expect(throws: Fault.self) { try run(.listed([3...3])) }
        #expect(fault?.kind == .retryLater)
        #expect(try run(.listed([4...4])).made == [4])
        if let lock { lock.release() }
        #expect(try run(.listed([3...3])).made == [3])
    }

    @Test func `shards at the same time make one version`() throws {
        for round in 0..<10 {
            let batch = try TestBatch()
            let parts = parts
            let faults = ConditionLocked([String]())
            let threads = (1...4).map { index in
                WorkerThread {
                    do throws(Fault) {
                        try batch.run("clean", parts) { $0.request = { $0.parts = .shard(index: index, count: 4) } }
                    } catch {
                        faults.change { $0.append(error.description) }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(faults.wait { $0 }.isEmpty, "round \(round)")
            #expect(try batch.folder("clean").versions() == [1])
            #expect(try Verification.verify(version: batch.path("clean")).damages.isEmpty)
            #expect(try VersionReader(batch.path("clean")).seal.items == 5)
        }
    }
}
