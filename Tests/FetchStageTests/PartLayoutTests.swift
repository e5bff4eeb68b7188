import BatchFormat
import Digests
import Durable
import Fault
import FetchStage
import JSON
import ObjectSources
import StageRun
import TestBatches
import Testing

@Suite struct PartLayoutTests {
    private let batch: TestBatch

    init() throws { batch = try TestBatch() }

    private func item(_ id: String, _ version: String = "1", size: Int64? = 10, fields: JSONObject = [:]) -> ListedItem
    {
        ListedItem(
            ObjectEntry(key: id, size: size, version: version, address: Array(id.utf8)),
            fields: fields)
    }

    private func ids(_ layout: PartLayout) -> [[String]] { layout.slices.map { $0.map(\.id.text) } }

    private func layOut(
        _ items: [ListedItem], on base: VersionReader? = nil, partItems: Int = 2, partBytes: Int = 1000
    ) throws -> PartLayout {
        try PartLayout(items, base: base, partItems: partItems, partBytes: partBytes)
    }

    /// Seals a version of this layout, as fetch would.
    ///
    /// - Parameters:
    ///   - vanished: items that are gone when they are to be fetched.
    ///   - duplicates: items with the same bytes as another.
    private func seal(
        _ layout: PartLayout, vanished: Set<String> = [], duplicates: [String: String] = [:]
    ) throws -> VersionReader {
        let plan = VersionPlan(
            identity: VersionIdentity(
                pipeline: TestBatch.pipeline, batch: TestBatch.batch, stage: "fetch", tool: "fetch", revision: 1,
                config: [:]),
            effectiveConfig: [:], inputs: [], parts: layout.parts, gates: Gates(minItems: 0, maxRejectRatio: nil))
        let run = try VersionRun(
            folder: batch.folder("fetch"), request: batch.request(), context: RunContext(jobs: 1, events: EventLog()))
        let work = TestWork(plan) { (index, version) throws(Fault) in
            let slice = layout.slices[index]
            let writer = try PartWriter(version: version, name: layout.parts[index].name, incoming: slice.map(\.id))
            var listing: [UInt8] = []
            for item in slice {
                var record = item.record
                if vanished.contains(item.id.text) {
                    record = item.recordIfUnavailable
                    try writer.reject(item.id, reason: "vanished", message: "")
                } else if let original = duplicates[item.id.text] {
                    try writer.reject(item.id, reason: "duplicate", message: "", duplicateOf: ItemID(original))
                } else {
                    try writer.append(LedgerRow(id: item.id))
                }
                listing += JSON.object(record).bytes(.line) + [UInt8(ascii: "\n")]
            }
            try writer.adopt("listing.jsonl", content: listing)
            return writer
        }
        return try VersionReader(run.execute(work).path)
    }

    private func inputs(_ layout: PartLayout) -> [Digest] { layout.parts.map(\.input) }

    @Test func `what changed is named by its key`() throws {
        #expect(try layOut([item("a")]).changes == nil, "there is nothing to compare with")
        let base = try seal(layOut(["a", "b", "c"].map { item($0) }))
        #expect(try layOut(["a", "b", "c"].map { item($0) }, on: base).changes?.lines == [])
        let next = [item("b", "2"), item("c", fields: ["site": "gate"]), item("d")]
        #expect(
            try layOut(next, on: base).changes?.lines
                == ["1 key is new: 'd'", "2 keys are changed: 'b', 'c'", "1 key is gone: 'a'"])
        let many = ["a", "b", "c"].map { item($0) } + (10..<22).map { item("n\($0)") }
        let line = try #require(try layOut(many, on: base).changes?.lines.first)
        #expect(line.hasPrefix("12 keys are new: 'n10', 'n11', ") && line.hasSuffix(", 'n19' and 2 more"))
    }

    @Test func `parts are cut at items or bytes`() throws {
        let items = ["a", "b", "c", "d", "e"].map { item($0) }
        #expect(try ids(layOut(items)) == [["a", "b"], ["c", "d"], ["e"]])
        #expect(try ids(layOut(items, partItems: 100, partBytes: 25)) == [["a", "b"], ["c", "d"], ["e"]])
        #expect(try ids(layOut(items, partItems: 100, partBytes: 5)) == [["a"], ["b"], ["c"], ["d"], ["e"]])
        #expect(try ids(layOut(["a", "b"].map { item($0, size: nil) }, partBytes: 1)) == [["a", "b"]])
        #expect(try ids(layOut([])) == [])
        #expect(try layOut(items).parts.map(\.name) == ["part-00000", "part-00001", "part-00002"])
        #expect(try layOut(items).parts.map(\.items) == [2, 2, 1])
    }

    @Test func `the same listing is the same layout`() throws {
        let items = ["a", "b", "c"].map { item($0) }
        let first = try layOut(items)
        let again = try layOut(items, on: seal(first))
        #expect(ids(again) == ids(first) && inputs(again) == inputs(first))
    }

    @Test func `new keys are appended whatever their order`() throws {
        let first = try layOut([item("b"), item("c"), item("d")])
        let again = try layOut([item("a"), item("b"), item("bb"), item("c"), item("d")], on: seal(first))
        #expect(ids(again) == [["b", "c"], ["d"], ["a", "bb"]])
        #expect(Array(inputs(again).prefix(2)) == inputs(first))
    }

    @Test func `changed and deleted keys touch only their parts`() throws {
        let first = try layOut(["a", "b", "c", "d", "e", "f"].map { item($0) })
        let base = try seal(first)
        let changed = try layOut([item("a"), item("b"), item("c", "2"), item("d"), item("e")], on: base)
        #expect(ids(changed) == [["a", "b"], ["c", "d"], ["e"]])
        #expect(zip(inputs(changed), inputs(first)).map { $0 == $1 } == [true, false, false])
        let fields = try layOut(
            ["a", "b", "c", "d", "e"].map { item($0) } + [item("f", fields: ["site": "\u{E9}"])], on: base)
        #expect(zip(inputs(fields), inputs(first)).map { $0 == $1 } == [true, true, false])
        // A part all of whose keys are gone keeps its index, so that the others keep theirs.
        let emptied = try layOut(["c", "d", "e", "f"].map { item($0) }, on: base)
        #expect(ids(emptied) == [[], ["c", "d"], ["e", "f"]])
    }

    @Test func `a field's normal form is part of it`() throws {
        let first = try layOut([item("a", fields: ["site": "\u{E9}"])])
        let again = try layOut([item("a", fields: ["site": "e\u{301}"])], on: seal(first))
        #expect(inputs(again) != inputs(first))
    }

    @Test func `a duplicate is freed when its original changes or goes`() throws {
        let items = ["a", "b", "c", "d"].map { item($0) }
        let first = try layOut(items)
        let base = try seal(first, duplicates: ["d": "a"])
        #expect(try inputs(layOut(items, on: base)) == inputs(first))
        let gone = try layOut([item("b"), item("c"), item("d")], on: base)
        #expect(inputs(gone)[1] != inputs(first)[1])
        let changed = try layOut([item("a", "2"), item("b"), item("c"), item("d")], on: base)
        #expect(inputs(changed)[1] != inputs(first)[1])
        // A change of another item affects no duplicate.
        let other = try layOut([item("a"), item("b", "2"), item("c"), item("d")], on: base)
        #expect(inputs(other)[1] == inputs(first)[1])
        // Made again without the original, the part stands as it is.
        let freed = try seal(gone)
        #expect(try inputs(layOut([item("b"), item("c"), item("d")], on: freed)) == inputs(gone))
    }

    @Test func `what vanished is requested again every time`() throws {
        let items = ["a", "b", "c"].map { item($0) }
        let first = try layOut(items)
        let second = try layOut(items, on: seal(first, vanished: ["b"]))
        #expect(ids(second) == ids(first))
        #expect(zip(inputs(second), inputs(first)).map { $0 == $1 } == [false, true])
        let third = try layOut(items, on: seal(second, vanished: ["b"]))
        #expect(Set([inputs(first)[0], inputs(second)[0], inputs(third)[0]]).count == 3)
        // It was fetched: from now on the part is valid.
        let fourth = try layOut(items, on: seal(third))
        #expect(inputs(fourth) == inputs(third))
    }
}
