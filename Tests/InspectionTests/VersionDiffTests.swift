import BatchFormat
import Inspection
import JSON
import StageRun
import TestBatches
import Testing

@Suite struct VersionDiffTests {
    private let batch: TestBatch

    init() throws { batch = try TestBatch() }

    private func diff(
        _ stage: String, _ first: [[TestItem]], _ second: [[TestItem]],
        _ change: (inout TestBatch.Recipe) -> Void = { _ in }
    ) throws -> VersionDiff {
        try batch.run(stage, first)
        try batch.run(stage, second) { recipe in
            recipe.request = { $0.force = true }
            change(&recipe)
        }
        return try VersionDiff(VersionReader(batch.path(stage)), VersionReader(batch.path(stage, 2)))
    }

    @Test func `the same made twice differs in nothing`() throws {
        let parts = [[TestItem("a", output: ["label": "one"]), .rejected("b", "silent")]]
        let diff = try diff("infer", parts, parts)
        #expect(diff.isEmpty)
        #expect(
            diff.json == ["config": [], "making": [], "only_in_first": [], "only_in_second": [], "changed": []])
    }

    @Test func `items are compared wherever they stand`() throws {
        let diff = try diff(
            "infer",
            [
                [TestItem("a", output: ["label": "one"]), TestItem("b", output: ["label": "two"]), TestItem("gone")],
                [.rejected("c", "silent"), .rejected("d", "silent")],
            ],
            [
                [
                    .rejected("d", "too_short"), TestItem("b", output: ["label": "three"]),
                    TestItem("c", output: ["label": "six"]),
                ],
                [TestItem("new"), TestItem("a", output: ["label": "one"])],
            ])
        #expect(diff.onlyInFirst.map(\.text) == ["gone"])
        #expect(diff.onlyInSecond.map(\.text) == ["new"])
        // In the order of the second version: for each part the items, then the rejections.
        #expect(diff.changed.map(\.id.text) == ["b", "c", "d"])
        #expect(diff.changed.map(\.before) == [["label": "two"], ["rejected": "silent"], ["rejected": "silent"]])
        #expect(diff.changed.map(\.after) == [["label": "three"], ["label": "six"], ["rejected": "too_short"]])
        #expect(!diff.isEmpty && diff.making.isEmpty && diff.config.isEmpty)
    }

    @Test func `a change of normal form is a change`() throws {
        let diff = try diff(
            "infer", [[TestItem("\u{E9}"), TestItem("a", output: ["text": "\u{E9}"])]],
            [[TestItem("e\u{301}"), TestItem("a", output: ["text": "e\u{301}"])]])
        #expect(diff.onlyInFirst == [ItemID("\u{E9}")] && diff.onlyInSecond == [ItemID("e\u{301}")])
        #expect(diff.changed.map(\.id.text) == ["a"])
    }

    @Test(arguments: [("fetch", true), ("clean", true), ("infer", false)])
    func `fields are compared by the stage that writes them`(_ stage: String, _ isSeen: Bool) throws {
        let diff = try diff(
            stage, [[TestItem("a", output: ["x": 1], fields: ["site": "gate"])]],
            [[TestItem("a", output: ["x": 1], fields: ["site": "tower"])]])
        #expect(diff.isEmpty == !isSeen)
        if isSeen { #expect(diff.changed.first?.after == ["x": 1, "fields": ["site": "tower"]]) }
    }

    @Test func `what the versions were made of is compared`() throws {
        try batch.run("fetch", [[TestItem("a")]])
        let fetch = try VersionReader(batch.path("fetch")).reference
        let diff = try diff("infer", [[TestItem("a")]], [[TestItem("a")]]) {
            $0.config = ["top": 3]
            $0.model = ["name": "digits"]
            $0.revision = 2
            $0.tool = "infer2"
            $0.inputs = [fetch]
        }
        #expect(diff.config == ["top = 3, was not set"])
        #expect(
            diff.making == [
                "tool: infer2, was infer", "behaviour revision: 2, was 1", #"model: {"name": "digits"}, was null"#,
                "input: fetch v1, was ",
            ])
    }
}
