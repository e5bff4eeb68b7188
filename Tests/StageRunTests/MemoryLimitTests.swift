import JSON
import Memory
import StageRun
import Testing

struct MemoryLimitTests {
    @Test func `a stage works under the smallest limit`() throws {
        #expect(MemoryLimit.bytes(for: ["memory_limit": 4096]) == 4096)
        let machine = try #require(MemoryLimit.bytes(for: [:]), "the machine's memory is one")
        #expect(machine >= PeakMemory.bytes())
        #expect(MemoryLimit.bytes(for: ["memory_limit": .int(.max)]) == machine)
    }
}
