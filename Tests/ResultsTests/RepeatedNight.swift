import BatchFormat
import Fault
import JSON
import PipelineConfig
import StageRun
import StoreStage
import TestBatches
import TestDatabases

/// A night that was stored, then run again without storing the second run's results.
struct RepeatedNight {
    /// How the second run went.
    enum Story: CaseIterable {
        case inferFailed, inferWasHeldBack, inferIsPinned

        /// The state of `infer`'s second version.
        var status: String {
            switch self {
            case .inferFailed: "failed"
            case .inferWasHeldBack: "held_back"
            case .inferIsPinned: "sealed"
            }
        }
    }

    let batch: TestBatch
    let filled: Filled

    init(_ story: Story, into filled: Filled) throws {
        self.filled = filled
        batch = try TestBatch()
        try play(story)
    }

    /// Four recordings, of which `clean` rejects one and `infer` none; then another `clean`, and another model.
    private func play(_ story: Story) throws {
        let ids = ["a", "b", "c", "d"]
        try batch.run("fetch", [[.rejected("twin", "duplicate")] + ids.map { TestItem($0) }])
        try clean(snr: 1, keeping: ["a", "b", "c"], rejecting: [("d", "silent")])
        try infer(cleaned: 1, model: "1", ["a", "b", "c"])
        try store().run()
        try clean(snr: 2, keeping: ["a", "b"], rejecting: [("c", "too_short"), ("d", "too_short")])
        switch story {
        case .inferFailed:
            // That it throws shows in the version, which is left unsealed.
            try? infer(cleaned: 2, model: "2", ["a", "b"]) {
                $0.making = { (_) throws(Fault) in throw Fault(.unavailable, "for the test") }
            }
        case .inferWasHeldBack:
            try infer(cleaned: 2, model: "2", ["a", "b"]) { $0.gates = Gates(minItems: 3, maxRejectRatio: nil) }
        case .inferIsPinned:
            try batch.folder("infer").setPinned(1)
            try infer(cleaned: 2, model: "2", ["a", "b"])
            // The accepted version is in the tables already.
            try store().run()
        }
        try recordRuns()
    }

    private func clean(snr: Double, keeping ids: [String], rejecting: [(id: String, reason: String)]) throws {
        let figures: JSONObject = ["snr_db": .double(snr), "seconds": .double(10 * snr)]
        let rejected = rejecting.map { TestItem.rejected($0.id, $0.reason) }
        let fetch = try VersionReader(batch.path("fetch")).reference
        try batch.run("clean", [ids.map { TestItem($0, output: figures) } + rejected]) {
            $0.inputs = [fetch]
            $0.config = ["snr": .double(snr)]
        }
    }

    private func infer(
        cleaned: Int, model: String, _ ids: [String], _ change: (inout TestBatch.Recipe) -> Void = { _ in }
    ) throws(Fault) {
        let clean = try VersionReader(batch.path("clean", cleaned)).reference
        let items = ids.map { id in
            var item = TestItem(id, output: ["model": .string("digits@\(model)"), "label": .string("by \(model)")])
            let snr = Double(cleaned)
            item.carried["clean"] = ["snr_db": .double(snr), "seconds": .double(10 * snr)]
            return item
        }
        try batch.run("infer", [items]) {
            $0.inputs = [clean]
            $0.model = ["name": "digits", "version": .string(model)]
            change(&$0)
        }
    }

    private func recordRuns() throws(Fault) {
        let store = try store()
        try store.stage.recordRuns(store.request, store.context)
    }

    private func store() throws(Fault) -> PreparedStage<Store> {
        let pipeline = try PipelineConfig.parse(
            text: """
                format = 1
                [fetch]
                source = "/nowhere"
                [infer]
                input = "clean"
                model = "digits@1"
                [store]
                """, fileName: "pipeline.toml", name: TestBatch.pipeline)
        return PreparedStage(
            Store(try pipeline.stage(named: "store"), in: pipeline, databaseURL: filled.test.url), batch.request(),
            RunContext(jobs: 1, events: EventLog()))
    }
}
