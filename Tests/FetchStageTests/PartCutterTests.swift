import BatchFormat
import FetchStage
import JSON
import ObjectSources
import Testing

/// The triggers that cut a part, with a clock made of numbers.
@Suite struct PartCutterTests {
    private func item(_ id: String, size: Int64? = 10) -> ListedItem {
        ListedItem(
            ObjectEntry(key: id, size: size, version: "1", address: Array(id.utf8)), fields: [:])
    }

    private func ids(_ part: [ListedItem]?) -> [String]? { part?.map(\.id.text) }

    @Test func `a full part is due at once`() {
        var cutter = PartCutter(items: 2, bytes: 1000, wait: 60)
        #expect(cutter.add(item("a"), at: 0) == nil)
        #expect(cutter.due(at: 0) == nil)
        #expect(cutter.add(item("b"), at: 1) == nil)
        #expect(ids(cutter.due(at: 1)) == ["a", "b"])
        #expect(cutter.due(at: 1000) == nil)
        #expect(cutter.rest() == nil)
    }

    @Test func `enough bytes make a part`() {
        var cutter = PartCutter(items: 100, bytes: 25, wait: 60)
        #expect(cutter.add(item("a"), at: 0) == nil)
        #expect(cutter.add(item("b"), at: 0) == nil)
        #expect(cutter.due(at: 0) == nil, "20 of 25 bytes")
        #expect(ids(cutter.add(item("c"), at: 0)) == ["a", "b"], "it would be 30")
        #expect(ids(cutter.add(item("large", size: 1000), at: 0)) == ["c"])
        #expect(ids(cutter.due(at: 0)) == ["large"], "one that is larger has a part of its own")
    }

    @Test func `a part waits no longer than its first item`() {
        var cutter = PartCutter(items: 100, bytes: 1000, wait: 60)
        #expect(cutter.due(at: 500) == nil, "no item waits")
        #expect(cutter.add(item("a"), at: 1000) == nil)
        #expect(cutter.add(item("b"), at: 1050) == nil)
        #expect(cutter.due(at: 1059.9) == nil)
        #expect(ids(cutter.due(at: 1060)) == ["a", "b"])
        #expect(cutter.add(item("c"), at: 1070) == nil)
        #expect(cutter.due(at: 1129) == nil, "the next part's first item came at 1070")
        #expect(ids(cutter.due(at: 1130)) == ["c"])
    }

    @Test func `the wait starts again with what did not fit`() {
        var cutter = PartCutter(items: 100, bytes: 15, wait: 60)
        #expect(cutter.add(item("a"), at: 0) == nil)
        #expect(ids(cutter.add(item("b"), at: 50)) == ["a"])
        #expect(cutter.due(at: 70) == nil)
        #expect(ids(cutter.due(at: 110)) == ["b"])
    }

    @Test func `whatever is left is the rest`() {
        var cutter = PartCutter(items: 100, bytes: 1000, wait: 60)
        #expect(cutter.rest() == nil)
        #expect(cutter.add(item("a", size: nil), at: 0) == nil)
        #expect(ids(cutter.rest()) == ["a"])
        #expect(cutter.rest() == nil)
    }
}
