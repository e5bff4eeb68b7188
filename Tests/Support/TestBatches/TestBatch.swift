public import BatchFormat
public import Digests
import Durable
public import Fault
import Foundation
public import JSON
public import StageRun
import Synchronization
internal import TestKit

/// A scratch root in which the real code makes versions from made-up items; removed with the value.
public final class TestBatch: Sendable {
    /// The pipeline's name.
    public static let pipeline = "digits"
    /// The batch's id.
    public static let batch = "2026-11-20"

    private let scratch: ScratchFolder
    /// The root.
    public var root: String { scratch.path }

    /// The batch.
    public let address: BatchAddress

    /// Makes an empty root.
    public init() throws {
        scratch = try ScratchFolder()
        address = try BatchAddress(root: scratch.path, pipeline: Self.pipeline, batch: Self.batch)
    }

    /// A stage's folder.
    public func folder(_ stage: String) throws -> StageFolder {
        try address.stage(stage)
    }

    /// The path of a version.
    public func path(_ stage: String, _ version: Int = 1) -> String {
        "\(address.path)/\(stage)/v\(version)"
    }

    /// The request, by default for everything.
    public func request(_ change: (inout StageRequest) -> Void = { _ in }) -> StageRequest {
        var request = StageRequest(address, toolVersion: "tests")
        change(&request)
        return request
    }

    /// How to make a run.
    public struct Recipe {
        /// The tool, by default the stage's name.
        public var tool: String?
        /// Its behaviour revision.
        public var revision = 1
        /// The result-bearing configuration.
        public var config: JSONObject = [:]
        /// The model.
        public var model: JSON = .null
        /// The versions that are read.
        public var inputs: [InputReference] = []
        /// The digest of each part's input; by default it is derived from the items.
        public var partInputs: [Digest]?
        /// The raw bytes of an item, for parts like those of fetch.
        public var objects: (@Sendable (_ id: String) -> [UInt8])?
        /// The raw object to name on an item's line instead of its own.
        public var naming: (@Sendable (_ id: String) -> String?) = { _ in nil }
        /// What must hold before `current` moves.
        public var gates = Gates(minItems: 0, maxRejectRatio: nil)
        /// Changes the request.
        public var request: (inout StageRequest) -> Void = { _ in }
        /// Called before a part is made, before anything is written.
        public var making: (_ index: Int) throws(Fault) -> Void = { (_) throws(Fault) in }

        /// The defaults.
        public init() {}
    }

    /// The plan that a recipe gives for some parts.
    public func plan(_ stage: String, _ parts: [[TestItem]], _ recipe: Recipe = Recipe()) -> VersionPlan {
        VersionPlan(
            identity: VersionIdentity(
                pipeline: Self.pipeline, batch: Self.batch, stage: stage, tool: recipe.tool ?? stage,
                revision: recipe.revision, config: recipe.config, model: recipe.model),
            effectiveConfig: recipe.config, inputs: recipe.inputs,
            parts: parts.enumerated().map { index, items in
                PlannedPart(
                    name: VersionFolder.partName(index), input: recipe.partInputs?[index] ?? items.digest,
                    items: items.count)
            },
            gates: recipe.gates)
    }

    /// The result of a run.
    public struct Run: Sendable {
        /// How it ended.
        public let outcome: StageOutcome
        /// The parts that were made, not reused.
        public let made: [Int]
        /// The recorded events.
        public let events: [Event]
    }

    /// Runs a stage.
    @discardableResult
    public func run(
        _ stage: String, _ parts: [[TestItem]], _ change: (inout Recipe) -> Void = { _ in }
    ) throws(Fault) -> Run {
        var recipe = Recipe()
        change(&recipe)
        let heard = Heard()
        let context = RunContext(jobs: 2, events: EventLog(listener: { heard.take($0) }))
        let folder = try address.stage(stage)
        let run = try VersionRun(folder: folder, request: request(recipe.request), context: context)
        var made: [Int] = []
        let making = recipe.making
        let work = TestWork(plan(stage, parts, recipe)) { (index, version) throws(Fault) in
            try making(index)
            let writer = try PartWriter(
                version: version, name: VersionFolder.partName(index), incoming: parts[index].map { ItemID($0.id) })
            var items = parts[index]
            if let objects = recipe.objects { try Self.put(objects, recipe.naming, of: &items, into: writer) }
            try items.write(into: writer, stage: stage)
            made.append(index)
            return writer
        }
        let outcome = try run.execute(work)
        return Run(outcome: outcome, made: made, events: heard.all)
    }

    private static func put(
        _ objects: (_ id: String) -> [UInt8], _ naming: (_ id: String) -> String?, of items: inout [TestItem],
        into writer: PartWriter
    ) throws(Fault) {
        try Folders.make("\(writer.folder)/\(PartFolder.objectsName)")
        for index in items.indices where items[index].reason == nil {
            let (name, bytes) = ("\(PartFolder.objectsName)/\(items[index].id)", objects(items[index].id))
            try writer.adopt(name, content: bytes)
            items[index].output = [
                "sha256": .string(Digest(of: bytes).hex), "bytes": .int(Int64(bytes.count)),
                "object": .string(naming(items[index].id) ?? name),
            ]
        }
    }

    /// Every file under a folder of the root, with the content that does not vary between runs, for comparison.
    public func contents(_ stage: String, _ version: Int) throws -> [String: Digest] {
        var contents: [String: Digest] = [:]
        let path = path(stage, version)
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            let file = "\(path)/\(name)"
            guard !Folders.isFolder(file), name != VersionFolder.eventsName else { continue }
            let isSealed = name.hasSuffix(".json")
            contents[name] = isSealed ? try SealedJSON.read(file).digest : Digest(of: try AtomicFile.read(file))
        }
        return contents
    }
}

private final class Heard: Sendable {
    private let events = Mutex<[Event]>([])

    var all: [Event] { events.withLock { $0 } }
    func take(_ event: Event) { events.withLock { $0.append(event) } }
}

/// Changes files like a failing disk.
public enum Damaging {
    /// Flips one bit of a non-empty file in place, so that every hard link is affected.
    ///
    /// - Parameter offset: which byte, wrapping around if the file is shorter.
    public static func flip(_ path: String, at offset: Int) throws(Fault) {
        var bytes = try AtomicFile.read(path)
        bytes[offset % bytes.count] ^= 0x10
        try overwrite(path, with: bytes)
    }

    /// Replaces a file's content, in place.
    public static func overwrite(_ path: String, with bytes: [UInt8]) throws(Fault) {
        let file = try FileHandle.creating(path)
        try bytes.withUnsafeBytesTyped { (raw) throws(Fault) in try file.write(raw) }
    }
}
