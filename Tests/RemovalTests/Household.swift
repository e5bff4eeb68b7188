import BatchFormat
import Digests
import Durable
import Fault
import JSON
import PipelineConfig
import Processes
import Removal
import StageRun
import TestBatches
import Time

/// A batch whose fetch parts contain raw objects, with housekeeping.
struct Household {
    let batch: TestBatch
    /// A day long after the versions were made.
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

    /// Runs housekeeping on the batch.
    @discardableResult
    func keepHouse(
        keep: Int = 1, raw: Double? = nil, dryRun: Bool = false, now: Double = WallClock.now()
    ) throws(Fault) -> HousekeepingReport {
        var housekeeper = Housekeeper(
            root: batch.root, dryRun: dryRun, now: now, record: ["host": "tests"], checkStop: StopFlag.check)
        return try housekeeper.run(pipeline: nil, batch: nil) { _ in
            Retention {
                $0.keep = keep
                $0.raw = raw
            }
        }
    }

    /// The existing versions of a stage.
    func versions(_ stage: String) throws -> [Int] { try batch.folder(stage).versions() }

    /// Whether a version is still as sealed, and how many of its objects were released.
    func verify(_ stage: String, _ version: Int) throws -> (damages: [String], released: Int) {
        let result = try Verification.verify(version: batch.path(stage, version))
        return (result.damages.map(\.message), result.released)
    }
}
