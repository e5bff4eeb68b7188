import BatchFormat
import JSON
import Testing

struct RunEventTests {
    @Test func `an event reads what it writes`() throws {
        let batch = BatchRan(
            part: "part-00001", items: 4, length: 10, used: 30, failed: 1, seconds: 0.5, audioSeconds: 2,
            residentBytes: 1 << 20)
        var line: JSONObject = ["time": "2026-11-20T02:00:00.000Z", "level": "debug", "event": "batch"]
        for (name, value) in batch.members.members { line[name] = value }
        let read = try #require(BatchRan(line: line))
        #expect(read.members == batch.members)
        #expect(
            batch.members == [
                "part": "part-00001", "items": 4, "length": 10, "seconds": 0.5, "padding_share": 0.25,
                "audio_seconds": 2.0, "real_time_factor": 0.25, "resident_memory_bytes": 1_048_576, "failed": 1,
                "success_rate": 0.75,
            ])
    }

    @Test func `a line of another event, or without a figure, is not read`() {
        #expect(BatchCut(line: ["event": "batch_cut", "items": 1, "length": 2, "most": 3])?.most == 3)
        #expect(BatchCut(line: ["event": "batch_halved", "items": 1, "length": 2, "most": 3]) == nil)
        #expect(BatchCut(line: ["event": "batch_cut", "items": 1, "length": 2]) == nil)
        #expect(BatchCut(line: ["event": "batch_cut", "items": "1", "length": 2, "most": 3]) == nil)
    }

    @Test func `details stand behind the figures and never replace them`() throws {
        let alert = AlertRaised(
            kind: "memory", severity: "warning", id: "a", message: "m", details: ["share": 0.5, "id": "other"])
        #expect(alert.members == ["kind": "memory", "severity": "warning", "id": "a", "share": 0.5])
        #expect(alert.members.members.map(\.0) == ["kind", "severity", "id", "share"])
    }

    @Test func `names are unique, and no event lacks its sentence`() {
        let kinds = EventCatalog.sections.flatMap(\.kinds)
        #expect(Set(kinds.map(\.name)).count == kinds.count)
        for kind in kinds { #expect(kind.meaning.hasSuffix("."), "\(kind.name)") }
    }
}
