import BatchFormat
import Durable
import Fault
import JSON
import StageRun
import Synchronization
import TestKit
import Testing
import Workers

struct EventLogTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func lines() throws -> [JSON] {
        try AtomicFile.read(scratch["events.jsonl"]).split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
    }

    @Test func `events are lines with their figures`() throws {
        let log = EventLog()
        log.record(Explained("goes to no file"))
        try log.open(inVersion: scratch.path)
        log.record(StatisticsFitted("f", items: 3, frames: 40, bins: 8))
        log.record(MirrorPassedOver("a\nb\"c"))
        log.record(RunFailed(Fault(.missing, "no model")))
        let lines = try lines()
        #expect(lines.map { $0["event"]?.string } == ["statistics_fitted", "mirror_passed_over", "run_failed"])
        #expect(lines.map { $0["level"]?.string } == ["info", "warning", "debug"])
        #expect(lines[0]["file"] == "f" && lines[0]["items"] == 3 && lines[0]["frames"] == 40)
        #expect(lines[1]["message"] == "a\nb\"c")
        #expect(lines[2]["message"] == nil)
        #expect(lines[2]["kind"] == "missing" && lines[2]["exit_code"] == 66)
        #expect(lines[0]["time"]?.string?.hasSuffix("Z") == true)
    }

    @Test func `a later run writes behind an earlier one`() throws {
        for name in ["first", "second"] {
            let log = EventLog()
            try log.open(inVersion: scratch.path)
            log.record(Explained(name))
        }
        #expect(try lines().map { $0["message"]?.string } == ["first", "second"])
    }

    @Test func `a listener gets every event`() {
        let heard = Mutex<[String]>([])
        let log = EventLog(listener: { event in heard.withLock { $0.append("\(event.level) \(event.name)") } })
        log.record(FootprintsNotKept("text"))
        log.record(GateFailed("v1", "too few"))
        #expect(heard.withLock { $0 } == ["debug footprints_not_kept", "warning gate_failed"])
    }

    @Test func `lines of many threads are never mixed`() throws {
        let log = EventLog()
        try log.open(inVersion: scratch.path)
        let long = String(repeating: "x", count: 3000)
        let threads = (0..<6).map { worker in
            WorkerThread {
                for number in 0..<50 { log.record(BatchHalved(items: worker, length: number, reason: long)) }
            }
        }
        for thread in threads { thread.join() }
        let lines = try lines()
        #expect(lines.count == 300)
        for worker in 0..<6 {
            #expect(lines.filter { $0["items"]?.int == worker }.map { $0["length"]?.int } == Array(0..<50))
        }
    }

    @Test func `what was written is read again`() throws {
        let log = EventLog()
        try log.open(inVersion: scratch.path)
        log.record(BatchCut(items: 32, length: 100, most: 14))
        log.record(MemoryHard("90 % used", usedBytes: 9, limitBytes: 10))
        log.record(BatchCut(items: 16, length: 50, most: 8))
        var cuts: [Int] = []
        EventReader(version: scratch.path)?.forEach(where: { $0 == BatchCut.name }) { line in
            if let cut = BatchCut(line: line) { cuts.append(cut.most) }
        }
        #expect(cuts == [14, 8])
    }

    @Test func `levels have an order`() {
        let levels: [EventLevel] = [.debug, .info, .warning, .error]
        #expect(levels.reversed().sorted() == levels)
    }
}
