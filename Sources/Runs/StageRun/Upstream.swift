public import BatchFormat
internal import Durable
public import Fault
public import PipelineConfig

/// Finds the version that a stage is to read.
public enum Upstream {
    /// Refuses a version that the tool cannot read, which `--input` can name.
    public static func check(_ version: VersionReader, isFor tool: StageTool) throws(Fault) {
        let made = version.seal.identity.tool
        let readable = tool.inputTools.map(\.rawValue)
        guard readable.contains(made) else {
            throw Fault(
                .usage,
                "'\(version.path)' is a version of \(made); \(tool.rawValue) reads versions of \(readable.joined(separator: ", "))"
            )
        }
    }

    /// The version at a path that a person named, or else the accepted version of the upstream stage.
    ///
    /// A newer version that a gate holds back stops the stages after it (10): they must not quietly run on the old one.
    public static func resolve(_ stage: String, request: StageRequest) throws(Fault) -> VersionReader {
        if let input = request.input {
            // Through the link, so that the record names the version and not `current`.
            return try VersionReader(Folders.resolved(input) ?? input)
        }
        let folder = try StageFolder(
            root: request.root, pipeline: request.pipeline, batch: request.batch, stage: stage)
        if let held = folder.held(), folder.pinned() == nil {
            throw Fault(
                .heldBack,
                "the input '\(folder.version(held))' is held back by a gate; look at it with 'batches show', accept it "
                    + "with 'batches use', or mend the cause and run '\(stage)' again")
        }
        guard let current = folder.current() else {
            throw Fault(
                .missing,
                "'\(folder.path)' has no current version: run '\(stage)' for \(request.pipeline) \(request.batch) first"
            )
        }
        return try VersionReader(folder.version(current))
    }
}
