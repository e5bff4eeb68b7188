import BatchFormat
import Durable
import Fault
import FetchStage
import JSON
import TestKit
import Testing

@Suite struct MetadataTableTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func csv(_ text: String, key: String = "key") throws -> MetadataTable {
        try AtomicFile.write(Array(text.utf8), to: scratch["m"])
        return try MetadataTable(csv: scratch["m"], key: key)
    }

    private func jsonl(_ text: String, key: String = "key") throws -> MetadataTable {
        try AtomicFile.write(Array(text.utf8), to: scratch["m"])
        return try MetadataTable(jsonl: scratch["m"], key: key)
    }

    @Test func `CSV gives text and leaves gaps out`() throws {
        let table = try csv("site,key,gain\ngate,a/1.wav,2.5\n,b,\n")
        #expect(table[ItemID("a/1.wav")] == ["site": "gate", "gain": "2.5"])
        #expect(table[ItemID("b")] == [:])
        #expect(table[ItemID("c")] == nil && table.count == 2)
        #expect(MetadataTable().count == 0)
    }

    @Test func `JSON lines give values and leave nulls out`() throws {
        let table = try jsonl(
            "{\"key\": \"a\", \"gain\": 2.5, \"site\": null, \"tags\": [1]}\n\n  \r\n{\"key\":\"\u{E9}\"}")
        #expect(table[ItemID("a")] == ["gain": 2.5, "tags": [1]])
        #expect(table[ItemID("\u{E9}")] == [:])
        #expect(table[ItemID("e\u{301}")] == nil)
    }

    private func problem(_ table: MetadataTable, _ key: String) -> String? { table.rows[ItemID(key)]?.problem }

    @Test func `a row that repeats another counts once, one that contradicts it is its item's matter`() throws {
        let table = try csv("key,x\na,1\nb,2\na,3\nb,2\nc,4\n")
        #expect(problem(table, "a") == "line 2 and line 4 give the key different fields")
        #expect(problem(table, "b") == nil && table[ItemID("b")] == ["x": "2"] && table.count == 3)
        let lines = try jsonl("{\"key\":\"a\",\"x\":1,\"y\":2}\n{\"y\":2,\"x\":1,\"key\":\"a\"}\n")
        #expect(problem(lines, "a") == nil && lines.count == 1)
        #expect(try csv("key,x\n\u{E9},1\ne\u{301},2\n")[ItemID("e\u{301}")] == ["x": "2"])
    }

    @Test func `a row without a key is left out and named`() throws {
        let table = try csv("key,x\n,1\na,2\n")
        #expect(table.lost == ["'\(scratch["m"])' line 2: there is no text in the key column 'key'"])
        #expect(table.count == 2 && table[ItemID("a")] == ["x": "2"])
    }

    @Test func `a source without any usable row is damaged`() throws {
        let gap = #expect(throws: Fault.self) { try csv("key,x\n,1\n") }
        #expect(gap?.message == "'\(scratch["m"])' line 2: there is no text in the key column 'key'")
        let number = #expect(throws: Fault.self) { try jsonl("{\"key\": 7}\n") }
        #expect(number?.message == "'\(scratch["m"])' line 1: there is no text in the key column 'key'")
        let column = #expect(throws: Fault.self) { try csv("name,x\na,1\n") }
        #expect(column?.kind == .configuration)
        #expect(column?.message == "'\(scratch["m"])' has no column 'key'; its columns are name, x")
        #expect(try csv("name,x\na,1\n", key: "name")[ItemID("a")] == ["x": "1"])
    }

    @Test func `what is not JSON is named, and costs its line`() throws {
        let table = try jsonl("\u{FEFF}{\"key\": \"a\"}\n[]\n")
        #expect(table[ItemID("a")] == [:])
        #expect(table.lost == ["'\(scratch["m"])' line 2: the line is not an object (byte 0)"])
        let fault = #expect(throws: Fault.self) { try jsonl("[]\n") }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message == "'\(scratch["m"])' line 1: the line is not an object (byte 0)")
    }

    @Test(arguments: [
        ("{\"key\":\"a\",\"site\":\"x\",\"site\":\"y\"}", "the name \"site\" appears twice (byte 22)"),
        ("{\"key\":\"a\",\"gain\":1e400}", "the number 1e400 is out of range (byte 18)"),
        ("{\"key\":\"a\",\"gain\":", "the text ends early (byte 18)"),
        ("{\"key\":\"a\",\"gain\":nan}", "expected null (byte 18)"),
    ])
    func `a line that breaks behind its key is its item's matter`(_ line: String, _ reason: String) throws {
        let table = try jsonl("{\"key\":\"b\"}\n\(line)\n")
        #expect(problem(table, "a") == "line 2: \(reason)")
        #expect(problem(table, "b") == nil)
    }

    @Test func `numbers that JSON does not have are text, as from a database`() throws {
        let table = try jsonl(
            "{\"key\":\"a\",\"x\":NaN,\"y\":[-Infinity,1],\"z\":\"a \\\"NaN\"}\n{\"key\":\"b\",\"x\":Infinity}\n")
        #expect(table[ItemID("a")] == ["x": "NaN", "y": ["-Infinity", 1], "z": "a \"NaN"])
        #expect(table[ItemID("b")] == ["x": "Infinity"])
    }

    @Test func `a line of a CSV file that cannot be understood is its item's matter`() throws {
        let table = try csv("key,x,,\na,1,,\nb\nc,1,2\n\"d\"x,1\n,,,\ne,5\n")
        #expect(table[ItemID("a")] == ["x": "1"] && table[ItemID("e")] == ["x": "5"])
        #expect(problem(table, "b") == "line 3: the line has 1 fields, the header has 4")
        #expect(problem(table, "c") == "line 4: field 3 has no name in the header")
        #expect(problem(table, "dx") == "line 5: text follows a closing quote")
        #expect(table.count == 5)
    }

    @Test func `a file that is not there is missing`() {
        let fault = #expect(throws: Fault.self) { _ = try MetadataTable(csv: scratch["absent"], key: "key") }
        #expect(fault?.kind == .missing)
        #expect(fault?.message.hasPrefix("item metadata: cannot read") == true)
    }
}
