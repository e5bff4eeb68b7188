import BatchFormat
import CleanStage
import Digests
import Durable
import Fault
import Foundation
import JSON
import PipelineConfig
import StageRun
import TestKit

/// A sealed part as written by fetch, and clean's result for it.
final class FetchedPart {
    struct Upload {
        var id: String
        var bytes: [UInt8]
        var fields: JSONObject? = nil
        /// The raw object's name, which decides how the unruly decoder misbehaves.
        var object: String? = nil
        var lastModified: String? = "2026-11-19T23:00:00Z"
    }

    private let scratch: ScratchFolder
    private var runs = 0

    init(_ uploads: [Upload]) throws {
        scratch = try ScratchFolder()
        let writer = try PartWriter(
            version: scratch.path, name: "part-00000", incoming: uploads.map { ItemID($0.id) })
        try Folders.make("\(writer.folder)/objects")
        for (index, upload) in uploads.enumerated() {
            let name = "objects/\(upload.object ?? "\(index)")"
            try writer.adopt(name, content: upload.bytes)
            var row = LedgerRow(id: ItemID(upload.id))
            var fetch: JSONObject = ["bytes": .int(Int64(upload.bytes.count)), "object": .string(name)]
            if let lastModified = upload.lastModified { fetch["last_modified"] = .string(lastModified) }
            row.object["fetch"] = .object(fetch)
            if let fields = upload.fields { row.object["fields"] = .object(fields) }
            try writer.append(row)
        }
        _ = try writer.seal(tool: "fetch", key: Digest(of: [1]), input: Digest(of: [2]), run: RunFigures())
    }

    /// The path of an upload's raw object.
    func object(_ index: Int) -> String { "\(scratch.path)/part-00000/objects/\(index)" }

    /// Runs clean on the part with custom `[clean]` lines; each run writes its own part.
    func clean(_ lines: String = "", jobs: Int = 2) throws -> CleanedPart {
        let text = "format = 1\n[fetch]\nsource = \"in\"\n[clean]\n\(lines)\n"
        let config = try PipelineConfig.parse(text: text, fileName: "pipeline.toml").stage(named: "clean")
        let context = RunContext(jobs: jobs, events: EventLog())
        let keys: CleanConfig = try config.settings()
        let pool = DecoderPool(
            DecodeOptions(keys), workers: jobs, launch: try DecoderPoolTests.launch, events: context.events)
        let maker = try CleanPartMaker(stage: config.stage, fields: keys.fields, pool: pool)

        runs += 1
        let version = "\(scratch.path)/clean-\(runs)"
        try Folders.make(version)
        let input = try PartReader(version: scratch.path, name: "part-00000", digest: nil)
        let writer = try PartWriter(version: version, name: "part-00000", incoming: input.items().map(\.id))
        try maker.make(input, into: writer, context: context)
        _ = try writer.seal(tool: "clean", key: Digest(of: [3]), input: input.seal.digest, run: RunFigures())
        return CleanedPart(reader: try PartReader(version: version, name: "part-00000", digest: nil), source: self)
    }
}

/// A part made by clean.
struct CleanedPart {
    let reader: PartReader
    /// Owns the folder.
    let source: FetchedPart

    /// A file of the part; empty if it does not exist.
    func bytes(_ name: String) throws -> Data {
        let path = "\(reader.folder)/\(name)"
        return Folders.exists(path) ? try Data(contentsOf: URL(fileURLWithPath: path)) : Data()
    }

    /// `reason: message` of each rejection, by id.
    func rejections() throws -> [String: String] {
        Dictionary(uniqueKeysWithValues: try reader.rejects().map { ($0.id.text, "\($0.reason): \($0.message)") })
    }

    /// The ledger's lines by id.
    func rows() throws -> [String: JSONObject] {
        Dictionary(uniqueKeysWithValues: try reader.items().map { ($0.id.text, $0.object) })
    }
}
