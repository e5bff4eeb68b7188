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
        #expect(table[ItemID("c")] == nil && !table.isEmpty)
        #expect(MetadataTable().isEmpty)
    }

    @Test func `JSON lines give values and leave nulls out`() throws {
        let table = try jsonl(
            "{\"key\": \"a\", \"gain\": 2.5, \"site\": null, \"tags\": [1]}\n\n  \r\n{\"key\":\"\u{E9}\"}")
        #expect(table[ItemID("a")] == ["gain": 2.5, "tags": [1]])
        #expect(table[ItemID("\u{E9}")] == [:])
        #expect(table[ItemID("e\u{301}")] == nil)
    }

    @Test func `a key occurs once`() throws {
        let fault = #expect(throws: Fault.self) { try csv("key,x\na,1\nb,2\na,3\n") }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message == "'\(scratch["m"])' line 4: the key 'a' appears a second time")
        #expect(try csv("key,x\n\u{E9},1\ne\u{301},2\n")[ItemID("e\u{301}")] == ["x": "2"])
    }

    @Test func `every row has its key`() throws {
        let gap = #expect(throws: Fault.self) { try csv("key,x\n,1\n") }
        #expect(gap?.message == "'\(scratch["m"])' line 2: there is no text in the key column 'key'")
        let number = #expect(throws: Fault.self) { try jsonl("{\"key\": 7}\n") }
        #expect(number?.message == "'\(scratch["m"])' line 1: there is no text in the key column 'key'")
        let column = #expect(throws: Fault.self) { try csv("name,x\na,1\n") }
        #expect(column?.kind == .configuration)
        #expect(column?.message == "'\(scratch["m"])' has no column 'key'; its columns are name, x")
        #expect(try csv("name,x\na,1\n", key: "name")[ItemID("a")] == ["x": "1"])
    }

    @Test func `what is not JSON is named`() throws {
        let fault = #expect(throws: Fault.self) { try jsonl("{\"key\": \"a\"}\n[]\n") }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message == "'\(scratch["m"])' line 2: the line is not an object (byte 0)")
    }

    @Test func `a file that is not there is missing`() {
        let fault = #expect(throws: Fault.self) { _ = try MetadataTable(csv: scratch["absent"], key: "key") }
        #expect(fault?.kind == .missing)
        #expect(fault?.message.hasPrefix("item metadata: cannot read") == true)
    }
}
