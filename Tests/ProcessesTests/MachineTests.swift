import Processes
import Testing

struct MachineTests {
    @Test func `the machine has a name`() { #expect(!Machine.name().isEmpty) }
}
