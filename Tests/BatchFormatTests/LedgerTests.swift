import BatchFormat
import Digests
import Durable
import Fault
import JSON
import TestBatches
import TestKit
import Testing

@Suite struct LedgerTests {
    @Test func `a line starts with its ID`() {
        let row = LedgerRow(id: ItemID("device-07/é.wav"))
        #expect(JSON.object(row.object).text(.line) == #"{"id": "device-07/é.wav"}"#)
        #expect(row.fields.isEmpty)
    }

    @Test func `a line without an ID is refused`() {
        #expect(LedgerRow(["fetch": [:]]) == nil)
        #expect(LedgerRow(["id": 7]) == nil)
        let row = LedgerRow(["fetch": [:], "id": "a", "fields": ["site": "gate"]])
        #expect(row?.id == ItemID("a") && row?.fields == ["site": "gate"])
    }

    /// A part with a ledger of these bytes and a valid seal.
    private func part(items: String, rejects: String? = nil) throws -> PartReader {
        let scratch = try ScratchFolder()
        let writer = try PartWriter(version: scratch.path, name: "part-00000", incoming: [])
        if let rejects { try writer.adopt("rejects.jsonl", content: Array(rejects.utf8)) }
        let key = Digest(of: [])
        _ = try writer.seal(tool: "clean", key: key, input: key, run: RunFigures())
        // The writer cannot write such a ledger, so a new seal is written around it.
        let folder = scratch["part-00000"]
        try Damaging.overwrite("\(folder)/items.jsonl", with: Array(items.utf8))
        try Resealing.reseal("\(folder)/part.json") { body in
            let files = body["files"]?.array ?? []
            body["files"] = .array(
                files.map { file in
                    guard file["name"] == "items.jsonl" else { return file }
                    return [
                        "name": "items.jsonl", "bytes": .int(Int64(items.utf8.count)),
                        "sha256": .string(Digest(of: items.utf8).hex),
                    ]
                })
            body["bytes"] = .int(Int64(items.utf8.count + (rejects?.utf8.count ?? 0)))
        }
        held.append(scratch)
        return try PartReader(version: scratch.path, name: "part-00000", digest: nil)
    }

    private let held = Held()

    @Test func `lines are read in order`() throws {
        let rows = try part(items: "{\"id\": \"b\", \"x\": 1.50}\n{\"id\":\"a\"}\n").items()
        #expect(rows.map(\.id.text) == ["b", "a"])
        #expect(rows[0].object["x"] == 1.5)
        #expect(try part(items: "").items().isEmpty)
    }

    @Test(arguments: [
        ("{\"id\": \"a\"}", "does not end with a newline: it is truncated"),
        ("{\"id\": \"a\"}\n{\"id\": \"b", "does not end with a newline: it is truncated"),
        ("{\"id\": \"a\"}\n\n{\"id\": \"b\"}\n", "line 2: the text ends early (byte 0)"),
        ("{\"id\": \"a\"}\n[]\n", "line 2: the line is not an object (byte 0)"),
        ("{\"id\": \"a\"}\n{\"id\": \"b\",}\n", "line 2: expected a member's name (byte 11)"),
        ("{\"id\": \"a\"}\n{\"name\": \"b\"}\n", "line 2 has no \"id\""),
        ("{\"id\": \"a\", \"id\": \"a\"}\n", "line 1: the name \"id\" appears twice (byte 12)"),
    ])
    func `damage names the line`(_ items: String, _ message: String) throws {
        let part = try part(items: items)
        let fault = #expect(throws: Fault.self) { try part.items() }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message.hasSuffix("items.jsonl' \(message)") == true, "\(String(describing: fault))")
    }

    @Test func `rejections say why`() throws {
        let text =
            "{\"id\": \"a\", \"reason\": \"duplicate\", \"message\": \"the same\", \"duplicate_of\": \"b\"}\n"
            + "{\"id\": \"c\", \"reason\": \"silent\", \"message\": \"\"}\n"
        let rows = try part(items: "", rejects: text).rejects()
        #expect(
            rows == [
                RejectRow(id: ItemID("a"), reason: "duplicate", message: "the same", duplicateOf: "b"),
                RejectRow(id: ItemID("c"), reason: "silent", message: ""),
            ])
        #expect(try part(items: "").rejects().isEmpty)
        let fault = #expect(throws: Fault.self) {
            try part(items: "", rejects: "{\"id\": \"a\", \"reason\": 1, \"message\": \"\"}\n").rejects()
        }
        #expect(fault?.message.hasSuffix("rejects.jsonl' line 1 is not a rejection") == true)
    }
}
