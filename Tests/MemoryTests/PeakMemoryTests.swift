import Memory
import Testing

struct PeakMemoryTests {
    @Test func `the process takes memory`() { #expect((1 << 20...1 << 42).contains(PeakMemory.bytes())) }
}
