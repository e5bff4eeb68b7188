import BatchFormat
import Digests
import Durable
import Fault
import Foundation
import JSON
import PipelineConfig
import StageRun
import StoreStage
import TestDatabases
import TestKit

/// A batch on disk, made by hand: versions of any stage, with the items and rejections that a test needs.
struct TestNight {
    private let scratch: ScratchFolder
    var root: String { scratch.path }
    let pipeline = "digits"
    let batch = "2026-11-20"

    init() throws { scratch = try ScratchFolder() }

    /// A copy of the batch as it is now, in a new folder.
    func copy() throws -> TestNight {
        let copy = try TestNight()
        try Program(["/bin/cp", "-a", "\(root)/.", copy.root]).run().successful()
        return copy
    }

    /// Writes and seals a version, and points `current` at it.
    @discardableResult
    func seal(
        _ stage: String, _ number: Int = 1, tool: String? = nil, inputs: [VersionReader] = [], parts: [[Item]],
        salt: String = "", asCurrent: Bool = true
    ) throws -> VersionReader {
        let folder = try BatchAddress(root: root, pipeline: pipeline, batch: batch).stage(stage)
        let path = folder.version(number)
        try Folders.makeAll(path)
        let identity = VersionIdentity(
            pipeline: pipeline, batch: batch, stage: stage, tool: tool ?? stage, revision: 1,
            config: ["salt": .string(salt)])
        let references = inputs.map(\.reference)
        let manifest = RunManifest(
            identity: identity, effectiveConfig: [:], inputs: references, fingerprint: nil,
            run: RunFigures(["started_at": "2026-11-20T02:00:00.000Z"]))
        try AtomicFile.write(manifest.sealed.bytes(), to: "\(path)/\(VersionFolder.manifestName)")
        var seals: [(name: String, seal: PartSeal)] = []
        for (index, items) in parts.enumerated() {
            seals.append(try sealPart(index, items, of: stage, tool ?? stage, in: path))
        }
        let seal = VersionSeal(
            identity: identity, inputs: references, parts: seals,
            run: RunFigures([
                "started_at": "2026-11-20T02:00:00.000Z", "finished_at": "2026-11-20T02:00:02.500Z", "seconds": 2.5,
                "peak_memory_bytes": 1_048_576, "memory_limit_bytes": 2_097_152, "host": "here",
            ]))
        try AtomicFile.write(seal.sealed.bytes(), to: "\(path)/\(VersionFolder.sealName)")
        if asCurrent { try folder.setCurrent(number) }
        return try VersionReader(path)
    }

    /// Writes a sealed part into a version's folder, sealed or not.
    @discardableResult
    func sealPart(
        _ index: Int, _ items: [Item], of stage: String, _ tool: String, in path: String
    ) throws -> (name: String, seal: PartSeal) {
        let name = VersionFolder.partName(index)
        let writer = try PartWriter(version: path, name: name, incoming: items.map { ItemID($0.id) })
        for item in items {
            if let reason = item.rejectedFor {
                try writer.reject(ItemID(item.id), reason: reason, message: item.message)
            } else {
                var row = LedgerRow(id: ItemID(item.id))
                row.object["fields"] = .object(item.fields)
                if let clean = item.clean { row.object["clean"] = .object(clean) }
                row.object[stage] = .object(item.output)
                try writer.append(row)
            }
        }
        let key = Digest(of: Array("\(stage) \(index) \(items)".utf8))
        return (name, try writer.seal(tool: tool, key: key, input: key, run: RunFigures(["seconds": 1.5])))
    }

    /// A chain of fetch and infer with three items, each stage rejecting one.
    @discardableResult
    func sealChain() throws -> VersionReader {
        let fetch = try seal(
            "fetch", parts: [[Item("a"), Item("b"), Item("bad", rejectedFor: "duplicate")], [Item("c"), Item("d")]])
        return try seal(
            "infer", inputs: [fetch],
            parts: [
                [.saying("three", "a"), Item("b", rejectedFor: "inference_failed")],
                [.saying("four", "c"), .saying("five", "d")],
            ])
    }

    /// A store into a database, as run by the tool.
    func store(
        _ url: String, stage: String = "store", toml: String = "", change: (inout StageRequest) -> Void = { _ in }
    ) throws -> PreparedStore {
        var request = StageRequest(try BatchAddress(root: root, pipeline: pipeline, batch: batch), toolVersion: "tests")
        change(&request)
        let pipeline = try config(toml)
        return PreparedStore(
            stage: Store(try pipeline.stage(named: stage), in: pipeline, databaseURL: url), request: request,
            context: RunContext(jobs: 1, events: EventLog()))
    }

    /// The pipeline's configuration.
    func config(_ toml: String = "") throws -> PipelineConfig {
        let text = toml.isEmpty ? "[store]\n" : toml
        return try PipelineConfig.parse(
            text: "format = 1\n[fetch]\nsource = \"/nowhere\"\n[infer]\nmodel = \"digits@1\"\n\(text)",
            fileName: "pipeline.toml", name: pipeline)
    }

    func folder(_ stage: String) throws -> StageFolder {
        try BatchAddress(root: root, pipeline: pipeline, batch: batch).stage(stage)
    }
}

/// A store with all that a run of it needs.
struct PreparedStore {
    let stage: Store
    let request: StageRequest
    let context: RunContext

    @discardableResult
    func run() throws(Fault) -> StageOutcome { try StageRunner(request, context).run(stage) }

    @discardableResult
    func recordRuns() throws(Fault) -> Int { try stage.recordRuns(request, context) }
}

/// A ledger line being written.
struct Item {
    let id: String
    var fields: JSONObject
    var output: JSONObject
    /// What clean wrote.
    var clean: JSONObject?
    var rejectedFor: String?
    var message = "for the test"

    init(
        _ id: String, fields: JSONObject = [:], output: JSONObject = [:], clean: JSONObject? = nil,
        rejectedFor: String? = nil
    ) {
        self.clean = clean
        self.id = id
        self.fields = fields
        self.output = output
        self.rejectedFor = rejectedFor
    }

    static func saying(_ label: String, _ id: String) -> Item {
        Item(
            id, fields: ["recorded_at": "2026-11-19T23:04:11+01:00", "device": "d7"],
            output: ["model": "digits@3", "label": .string(label), "score": 0.97])
    }
}
