internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import PipelineConfig
internal import Processes
internal import StageRun
internal import Time

/// What a run is asked to load.
extension StoreStage {
    var batch: BatchName { BatchName(pipeline: request.pipeline, batch: request.batch) }

    /// The folder of a stage of the batch.
    func folder(of stage: String) throws(Fault) -> StageFolder {
        try StageFolder(root: request.root, pipeline: request.pipeline, batch: request.batch, stage: stage)
    }

    func open() throws(Fault) -> any ResultDatabase {
        let context = context
        return try DatabaseAddress.open(url, application: "nocturne store \(request.pipeline)") { () throws(Fault) in
            try context.checkStop()
        }
    }

    /// The versions whose predictions are to be loaded.
    func results() throws(Fault) -> [VersionReader] {
        if request.input != nil {
            let version = try Upstream.resolve("", request: request)
            let identity = version.seal.identity
            guard identity.tool == StageTool.infer.rawValue else {
                throw Fault(.usage, "'\(version.path)' was made by \(identity.tool); store loads what infer makes")
            }
            // The rows would claim to be another batch's.
            guard identity.pipeline == request.pipeline, identity.batch == request.batch else {
                throw Fault(
                    .usage,
                    "'\(version.path)' is of \(identity.pipeline) \(identity.batch): say store \(identity.pipeline) "
                        + "\(identity.batch) --input …")
            }
            return [version]
        }
        var versions: [VersionReader] = []
        for stage in config.inputs {
            versions.append(
                try request.streaming.follow
                    ? Upstream.resolveFollowed(stage, request: request, context: context)
                    : Upstream.resolve(stage, request: request))
        }
        return versions
    }

    func plan(_ lineage: Lineage, _ address: String) -> StorePlan {
        var (bearing, effective) = (config.resultBearing, config.effective)
        // What was used is what goes on record, wherever it came from.
        bearing["url"] = .string(address)
        effective["url"] = .string(address)
        return StorePlan(
            identity: VersionIdentity(
                pipeline: request.pipeline, batch: request.batch, stage: config.stage, tool: Self.definition.tool,
                revision: Self.definition.revision, config: bearing),
            effectiveConfig: effective, inputs: lineage.results.map(\.reference))
    }

    func runObject() -> JSONObject {
        [
            "host": .string(Machine.name()), "started_at": .string(WallClock.text(startedAt)),
            "tool_version": .string(request.toolVersion), "jobs": .int(Int64(context.jobs)),
        ]
    }
}
