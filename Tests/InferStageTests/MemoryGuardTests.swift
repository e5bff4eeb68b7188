import BatchFormat
import Fault
import Foundation
import InferStage
import JSON
import Memory
import StageRun
import TestKit
import Testing

/// A machine with a given amount of memory: batches take a fixed number of bytes per frame.
private final class Machine: MemoryMeter {
    let bytesPerFrame: Int
    var readings: [MemoryGauge.Reading]
    var heldNow = 1000
    var peakSoFar = 5000
    var trials: [Int] = []
    var givenBack = 0
    var boundsRead = 0

    init(limit: Int, used: Int = 0, bytesPerFrame: Int = 10) {
        self.bytesPerFrame = bytesPerFrame
        readings = [MemoryGauge.Reading(bound: .machine, used: used, limit: limit)]
    }

    func held() -> Int { heldNow }
    func peak() -> Int { peakSoFar }
    func bounds() throws(Fault) -> [MemoryGauge.Reading] {
        boundsRead += 1
        return readings
    }
    func giveBack() { givenBack += 1 }

    /// Runs a batch: the peak rises to its size.
    func run(_ items: Int, _ length: Int) { peakSoFar = max(peakSoFar, 1000 + items * length * bytesPerFrame) }
}

@Suite struct MemoryGuardTests {
    private let log = TestLog()

    private func guarding(_ machine: Machine, remembering file: FootprintFile? = nil) throws -> MemoryGuard {
        let log = log
        return try MemoryGuard(
            machine, limits: MemoryGuard.Limits(soft: 0.7, hard: 0.9), memory: file,
            events: EventLog { log.append($0) })
    }

    private func most(_ memory: MemoryGuard, _ machine: Machine, of count: Int, length: Int) throws(Fault) -> Int {
        try memory.most(of: count, length: length) { (items) throws(Fault) in
            machine.trials.append(items)
            machine.run(items, length)
            return true
        }
    }

    @Test func `where there is room one trial of one item decides`() throws {
        let machine = Machine(limit: 10_000_000)
        let memory = try guarding(machine)
        #expect(try most(memory, machine, of: 16, length: 100) == 16)
        #expect(machine.trials == [1])
        #expect(try most(memory, machine, of: 16, length: 80) == 16)
        #expect(machine.trials == [1], "what one length takes bounds the others")
        #expect(log.events("batch_cut").isEmpty)
    }

    @Test func `a batch is cut until it stays below the soft limit`() throws {
        // 70 % of 20,000 leaves room for 14 items of 1,000 bytes, and nothing else is in use.
        let machine = Machine(limit: 20_000)
        let memory = try guarding(machine)
        #expect(try most(memory, machine, of: 32, length: 100) == 14)
        // The first trials take less than loading the model did: only a larger one shows.
        #expect(machine.trials == [1, 2, 4, 8])
        #expect(log.events("batch_cut").first?.figures["most"] == 14)
        #expect(try most(memory, machine, of: 4, length: 100) == 4)
        #expect(try most(memory, machine, of: 16, length: 100) == 14)
        // What goes into the part's seal: how many, and the one of 32.
        var told = JSONObject()
        memory.takeCuts().write(to: &told)
        #expect(JSON.object(told) == ["memory_cuts": 2, "largest_memory_cut": ["items": 32, "most": 14]])
        #expect(memory.takeCuts() == MemoryCuts(), "the next part begins with none")
    }

    @Test func `a longer item is taken to need its square`() throws {
        var footprints = BatchFootprints()
        footprints.ran(items: 4, length: 100, bytes: 4000)
        #expect(footprints.bytes(perItemOf: 100) == 1000)
        #expect(footprints.bytes(perItemOf: 50) == 500)
        #expect(footprints.bytes(perItemOf: 200) == 4000)
        footprints.ran(items: 2, length: 200, bytes: 5000)
        #expect(footprints.bytes(perItemOf: 200) == 2500)
        #expect(footprints.bytes(perItemOf: 100) == 1000)
    }

    @Test func `what did not fit is not retried`() throws {
        var footprints = BatchFootprints()
        #expect(footprints.ceiling(of: 100) == nil)
        footprints.failed(items: 8, length: 100)
        #expect(footprints.ceiling(of: 100) == 7)
        #expect(footprints.ceiling(of: 200) == 7)
        #expect(footprints.ceiling(of: 50) == 14)
        footprints.failed(items: 1, length: 400)
        #expect(footprints.ceiling(of: 400) == 1)
    }

    @Test func `above the soft limit batches are halved, with a warning`() throws {
        let machine = Machine(limit: 1_000_000, used: 750_000)
        let memory = try guarding(machine)
        #expect(try most(memory, machine, of: 16, length: 10) == 8)
        #expect(try most(memory, machine, of: 5, length: 10) == 3)
        #expect(machine.givenBack > 0, "what is only kept is given back before anything is halved")
        #expect(machine.trials.isEmpty)
        let told = log.events("memory_soft")
        #expect(told.count == 1)
        #expect(told.first?.level == .warning)
        #expect(told.first?.message == "the machine's memory is 75 % used (0 of 0 MiB): batches are halved")
    }

    @Test func `above the hard limit the run ends and can be repeated`() throws {
        let machine = Machine(limit: 1_000_000)
        let memory = try guarding(machine)
        machine.readings = [MemoryGauge.Reading(bound: .machine, used: 900_000, limit: 1_000_000)]
        let fault = try #require(#expect(throws: Fault.self) { try most(memory, machine, of: 1, length: 10) })
        #expect(fault.kind == .retryLater)
        #expect(fault.message.contains("infer.memory_hard is 90 %") && fault.message.contains("max_batch_frames"))
    }

    /// A limit in mebibytes that the loaded model fills to some share.
    private func full(_ bound: MemoryGauge.Bound, used: Int, limit: Int = 100) -> Machine {
        let machine = Machine(limit: .max / 2)
        machine.readings.append(MemoryGauge.Reading(bound: bound, used: used << 20, limit: limit << 20))
        return machine
    }

    @Test(arguments: [MemoryGauge.Bound.configured, .dataLimit, .addressSpaceLimit])
    func `a limit that the model alone fills is a mistake, and the lowest sensible one is named`(
        _ bound: MemoryGauge.Bound
    ) throws {
        let machine = full(bound, used: 140)
        let memory = try guarding(machine)
        let fault = try #require(#expect(throws: Fault.self) { try most(memory, machine, of: 1, length: 10) })
        #expect(fault.kind == .configuration, "no retry helps")
        let name = bound == .configured ? "infer.memory_limit" : "\(bound)"
        // 140 MiB are 70 % of 200.
        for words in ["alone take 140 MiB", "\(name) is at least 200 MiB", "smaller batches do not help"] {
            #expect(fault.message.contains(words), "\(fault)")
        }
        #expect(!fault.message.contains("max_batch_frames"))
    }

    @Test func `what one item takes counts towards the lowest limit`() throws {
        let machine = full(.configured, used: 140)
        let memory = try guarding(machine)
        try memory.didNotFit(items: 2, length: 10)
        machine.peakSoFar = 1000 + 70 << 20
        try memory.ran(items: 1, length: 10)
        let fault = try #require(#expect(throws: Fault.self) { try most(memory, machine, of: 1, length: 10) })
        #expect(fault.message.contains("is at least 300 MiB"), "\(fault)")
    }

    @Test func `a bound that others fill too may have room later`() throws {
        let machine = full(.controlGroup, used: 95)
        let memory = try guarding(machine)
        let fault = try #require(#expect(throws: Fault.self) { try most(memory, machine, of: 1, length: 10) })
        #expect(fault.kind == .retryLater)
        for words in ["95 MiB were in use", "free memory", "the control group's limit is at least 136 MiB"] {
            #expect(fault.message.contains(words), "\(fault)")
        }
    }

    @Test func `a limit that the model half fills halves every batch and says why`() throws {
        let machine = full(.configured, used: 80)
        #expect(try most(guarding(machine), machine, of: 16, length: 10) == 8)
        let message = log.events("memory_soft").first?.message ?? ""
        #expect(
            message.contains("alone take 80 MiB; make sure that infer.memory_limit is at least 115 MiB"), "\(message)")
    }

    @Test func `the bounds are read once for a batch`() throws {
        let machine = Machine(limit: 10_000_000)
        let memory = try guarding(machine)
        _ = try most(memory, machine, of: 16, length: 100)
        let before = machine.boundsRead
        for _ in 0..<5 { _ = try most(memory, machine, of: 16, length: 100) }
        #expect(machine.boundsRead == before + 5)
    }

    @Test func `the nearest of all bounds counts`() throws {
        let machine = Machine(limit: 1_000_000)
        machine.readings.append(MemoryGauge.Reading(bound: .controlGroup, used: 80, limit: 100))
        #expect(try most(guarding(machine), machine, of: 16, length: 10) == 8)
        #expect(log.events("memory_soft").first?.message.hasPrefix("the control group's limit") == true)
    }

    @Test func `what a GPU takes does not count for the machine`() throws {
        // The machine has room for 5 items, the GPU for 14.
        let machine = Machine(limit: 100_000, used: 65_000)
        machine.readings.append(MemoryGauge.Reading(bound: .device, used: 0, limit: 20_000))
        let memory = try guarding(machine)
        #expect(try most(memory, machine, of: 32, length: 100) == 14)
        // The machine's own limits apply too.
        machine.readings[0] = MemoryGauge.Reading(bound: .machine, used: 75_000, limit: 100_000)
        #expect(try most(memory, machine, of: 16, length: 100) == 8)
    }

    @Test func `footprints are remembered between nights`() throws {
        let scratch = try ScratchFolder()
        let file = FootprintFile(scratch["footprints.json"], key: "model cpu")
        let first = Machine(limit: 20_000)
        let memory = try guarding(first, remembering: file)
        #expect(try most(memory, first, of: 32, length: 100) == 14)
        memory.remember()

        let second = Machine(limit: 20_000)
        #expect(try most(guarding(second, remembering: file), second, of: 32, length: 100) == 14)
        #expect(second.trials.isEmpty)
        // The file has nothing for another model.
        let other = FootprintFile(scratch["footprints.json"], key: "other cpu")
        #expect(other.read(limit: 20_000) == BatchFootprints())
    }

    @Test func `a ceiling is forgotten where there is more memory`() throws {
        let scratch = try ScratchFolder()
        let file = FootprintFile(scratch["footprints.json"], key: "model cpu")
        let machine = Machine(limit: 20_000)
        let memory = try guarding(machine, remembering: file)
        try memory.didNotFit(items: 4, length: 100)
        memory.remember()
        #expect(file.read(limit: 20_000).ceilings == [100: 3])
        #expect(file.read(limit: 10_000).ceilings == [100: 3])
        #expect(file.read(limit: 20_001).ceilings == [:])
    }

    @Test(arguments: ["", "{", "[]", #"{"format": 2, "models": {}}"#, #"{"format": 1, "models": {"m": {"x": -1}}}"#])
    func `a damaged file counts as none`(_ text: String) throws {
        let scratch = try ScratchFolder()
        let file = FootprintFile(try scratch.write("footprints.json", text), key: "m")
        #expect(file.read(limit: 1) == BatchFootprints())
        var footprints = BatchFootprints()
        footprints.ran(items: 1, length: 10, bytes: 100)
        #expect(file.write(footprints, limit: 1))
        #expect(file.read(limit: 1) == footprints)
    }
}
