import Alerts
import BatchFormat
import Durable
import Fault
import JSON
import Night
import PipelineConfig
import StageRun
import TestBatches
import Testing

/// A batch whose stages the real code makes from made-up items.
struct TestNight {
    let batch: TestBatch
    let config: PipelineConfig

    init(_ toml: String = "") throws {
        batch = try TestBatch()
        config = try PipelineConfig.parse(
            text: """
                format = 1
                [fetch]
                source = "recordings"
                [infer]
                model = "digits@1"
                \(toml)
                """, fileName: "pipeline.toml", name: TestBatch.pipeline)
    }

    /// Writes to the log of a version like a run.
    func log(_ stage: String, _ version: Int = 1, _ body: (EventLog) -> Void) throws {
        let events = EventLog()
        try Folders.makeAll(batch.path(stage, version))
        try events.open(inVersion: batch.path(stage, version))
        body(events)
    }

    func figures(_ stage: String) throws -> StageFigures {
        try StageFigures(
            config.stage(named: stage), root: batch.root, pipeline: TestBatch.pipeline, batch: TestBatch.batch)
    }

    /// How the last run of a stage ended.
    func ending(
        _ stage: String, _ kind: Fault.Kind, _ message: String = "it failed", version: String? = nil
    ) -> StageEnding {
        StageEnding(
            stage: stage, tool: stage, status: ToolExit(kind), message: message, time: 0, version: version)
    }

    func rules(memory: Int = 64 << 30) -> AlertRules {
        AlertRules(
            pipeline: TestBatch.pipeline, batch: TestBatch.batch, config: config.alerts, memoryLimit: memory)
    }

    func outbox(_ settings: NightSettings = NightSettings()) throws -> AlertOutbox {
        try AlertOutbox(
            config, name: TestBatch.pipeline, batch: TestBatch.batch, root: batch.root, settings: settings)
    }
}

extension EventLog {
    /// A batch of infer.
    func recordBatch(items: Int = 4, length: Int = 100, seconds: Double, memory: Int = 1 << 20) {
        record(
            "batch", level: .debug, "",
            [
                "part": "part-00003", "items": .int(Int64(items)), "length": .int(Int64(length)),
                "seconds": .double(seconds), "resident_memory_bytes": .int(Int64(memory)),
            ])
    }
}
