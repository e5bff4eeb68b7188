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

    /// Writes lines into a version's log as they are.
    func log(_ stage: String, lines: [String]) throws {
        let file = try FileHandle.appending("\(batch.path(stage, 1))/\(VersionFolder.eventsName)")
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        try bytes.withUnsafeBytesTyped { (raw) throws(Fault) in try file.write(raw) }
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
            BatchRan(
                part: "part-00003", items: items, length: length, used: items * length, failed: 0, seconds: seconds,
                audioSeconds: nil, residentBytes: memory))
    }
}
