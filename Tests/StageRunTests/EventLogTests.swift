import Durable
import Fault
import JSON
import StageRun
import Synchronization
import TestKit
import Testing
import Workers

@Suite struct EventLogTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func lines() throws -> [JSON] {
        try AtomicFile.read(scratch["events.jsonl"]).split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
    }

    @Test func `events are lines with their figures`() throws {
        let log = EventLog()
        log.record("before", "goes to nobody's file")
        try log.open(inVersion: scratch.path)
        log.record("part_sealed", "part-00000: 3 items", ["items": 3, "seconds": 0.5])
        log.record("disk_slow", level: .warning, "a\nb\"c")
        log.record("silent")
        let lines = try lines()
        #expect(lines.map { $0["event"]?.string } == ["part_sealed", "disk_slow", "silent"])
        #expect(lines.map { $0["level"]?.string } == ["info", "warning", "info"])
        #expect(lines[0]["items"] == 3 && lines[0]["seconds"] == 0.5)
        #expect(lines[1]["message"] == "a\nb\"c")
        #expect(lines[2]["message"] == nil)
        #expect(lines[0]["time"]?.string?.hasSuffix("Z") == true)
    }

    @Test func `a later run writes behind an earlier one`() throws {
        for name in ["first", "second"] {
            let log = EventLog()
            try log.open(inVersion: scratch.path)
            log.record(name)
        }
        #expect(try lines().map { $0["event"]?.string } == ["first", "second"])
    }

    @Test func `a listener gets every event`() {
        let heard = Mutex<[String]>([])
        let log = EventLog(listener: { event in heard.withLock { $0.append("\(event.level) \(event.name)") } })
        log.record("a", level: .debug)
        log.record("b", level: .error, "text", ["x": 1])
        #expect(heard.withLock { $0 } == ["debug a", "error b"])
    }

    @Test func `lines of many threads are never mixed`() throws {
        let log = EventLog()
        try log.open(inVersion: scratch.path)
        let long = String(repeating: "x", count: 3000)
        let threads = (0..<6).map { worker in
            WorkerThread {
                for number in 0..<50 {
                    log.record("e", long, ["worker": .int(Int64(worker)), "number": .int(Int64(number))])
                }
            }
        }
        for thread in threads { thread.join() }
        let lines = try lines()
        #expect(lines.count == 300)
        for worker in 0..<6 {
            #expect(lines.filter { $0["worker"]?.int == worker }.map { $0["number"]?.int } == Array(0..<50))
        }
    }

    @Test func `levels have an order`() {
        let levels: [EventLevel] = [.debug, .info, .warning, .error]
        #expect(levels.reversed().sorted() == levels)
    }
}
