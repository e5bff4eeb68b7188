import BatchFormat
import Digests
import Durable
import Fault
import Housekeeping
import JSON
import PipelineConfig
import StageRun
import TestBatches
import Time

/// A batch whose fetch parts hold raw objects, and ways to look after it.
struct Household {
    let batch: TestBatch
    /// A day that has come long after the versions were made.
    static let later = WallClock.now() + 40 * 86400

    init() throws { batch = try TestBatch() }

    /// Runs fetch: one part for each list of ids, each id with raw bytes.
    func fetch(_ parts: [[String]]) throws {
        try batch.run("fetch", parts.map { $0.map { TestItem($0) } }) { recipe in
            recipe.objects = { id in Array("the raw bytes of \(id)".utf8) }
        }
    }

    /// Runs a stage on the current version of another, part by part.
    func derive(_ stage: String, from input: String, _ change: (inout TestBatch.Recipe) -> Void = { _ in }) throws {
        let number = try batch.folder(input).current()
        let source = try VersionReader(batch.path(input, number ?? 0))
        var parts: [[TestItem]] = []
        for index in source.seal.parts.indices {
            parts.append(try source.part(index).items().map { TestItem($0.id.text) })
        }
        try batch.run(stage, parts) { recipe in
            recipe.inputs = [source.reference]
            recipe.partInputs = source.seal.parts.map(\.digest)
            change(&recipe)
        }
    }

    /// Looks after the batch.
    @discardableResult
    func keepHouse(
        keep: Int = 1, raw: Double? = nil, dryRun: Bool = false, now: Double = WallClock.now()
    ) throws(Fault) -> HousekeepingReport {
        var housekeeper = Housekeeper(root: batch.root, dryRun: dryRun, now: now, record: ["host": "tests"])
        return try housekeeper.run(pipeline: nil, batch: nil) { _ in Retention(keep: keep, raw: raw) }
    }

    /// The versions of a stage that are there.
    func versions(_ stage: String) throws -> [Int] { try batch.folder(stage).versions() }

    /// Whether a version is as it was sealed, and how many objects were released from it.
    func verify(_ stage: String, _ version: Int) throws -> (damages: [String], released: Int) {
        let result = try Verification.verify(version: batch.path(stage, version))
        return (result.damages.map(\.message), result.released)
    }
}
