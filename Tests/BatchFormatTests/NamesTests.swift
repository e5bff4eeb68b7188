import BatchFormat
import Fault
import Testing

@Suite struct NamesTests {
    @Test(arguments: ["a", "2026-11-20", "Digits_v2.1", "-", "_", String(repeating: "x", count: 64)])
    func `valid names`(_ name: String) throws { #expect(try Names.check(name, "batch") == name) }

    @Test(arguments: [
        "", ".", "..", ".hidden", "a/b", "a b", "é", "a\0", "a\n", "x:y", "~", String(repeating: "x", count: 65),
    ])
    func `an invalid name is refused`(_ name: String) {
        let fault = #expect(throws: Fault.self) { try Names.check(name, "batch") }
        #expect(fault?.kind == .usage)
        #expect(fault?.message.hasPrefix("the batch name '\(name)' is not valid") == true)
    }
}
