import Fault
import StageRun
import Testing

@Suite struct PartSelectionTests {
    @Test(arguments: [
        ("0", [0]), ("0,3-7", [0, 3, 4, 5, 6, 7]), ("5-5", [5]), ("7,1,7", [1, 7]), ("2-4,3-6", [2, 3, 4, 5, 6]),
    ])
    func `a list names parts and ranges`(_ text: String, _ parts: [Int]) throws {
        let selection = try PartSelection(list: text)
        #expect((0..<20).filter(selection.contains) == parts)
    }

    @Test(arguments: [
        "", ",", "0,", ",0", "-", "-3", "3-", "3-1", "1-2-3", "a", "0 1", " 0", "0.5", "99999999999999999999", "１",
    ])
    func `an invalid list is wrong usage`(_ text: String) {
        let fault = #expect(throws: Fault.self) { try PartSelection(list: text) }
        #expect(fault?.kind == .usage)
        #expect(fault?.message == "--parts takes part numbers and ranges such as 0,3-7, not '\(text)'")
    }

    @Test func `shards share the parts out`() throws {
        #expect(try PartSelection(shard: "2/4") == .shard(index: 2, count: 4))
        for count in 1...5 {
            let shards = try (1...count).map { try PartSelection(shard: "\($0)/\(count)") }
            for part in 0..<20 { #expect(shards.filter { $0.contains(part) }.count == 1) }
        }
    }

    @Test(arguments: ["", "/", "0/4", "5/4", "1/0", "-1/4", "1", "1/2/3", "a/b", "1/ 2", "1.0/2"])
    func `an invalid shard is wrong usage`(_ text: String) {
        let fault = #expect(throws: Fault.self) { try PartSelection(shard: text) }
        #expect(fault?.kind == .usage)
    }

    @Test func `everything selects every part`() { #expect((0..<5).allSatisfy(PartSelection.all.contains)) }
}
