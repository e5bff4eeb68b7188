internal import Durable
public import Fault

/// One batch of one pipeline under a root: `ROOT/PIPELINE/BATCH`. Paths of batches are put together here and nowhere else.
public struct BatchAddress: Sendable, Hashable {
    /// Where batches are kept.
    public let root: String
    /// The pipeline's name.
    public let pipeline: String
    /// The batch's id.
    public let batch: String

    /// Names a batch; refuses names that are not names.
    public init(root: String, pipeline: String, batch: String) throws(Fault) {
        self.root = root
        self.pipeline = try Names.check(pipeline, "pipeline")
        self.batch = try Names.check(batch, "batch")
    }

    /// The batch's folder.
    public var path: String { "\(pipelineFolder)/\(batch)" }
    /// The folder of all batches of the pipeline.
    public var pipelineFolder: String { "\(root)/\(pipeline)" }
    /// The file in which the owner of the batch's night names itself.
    public var nightLockFile: String { "\(path)/.locks/night" }
    /// The folder of make's stamps.
    public var stampsFolder: String { "\(path)/.stamps" }
    /// The folder of the endings of the stages' last runs.
    public var endingsFolder: String { "\(path)/.runs" }

    /// A stage of the batch.
    public func stage(_ name: String) throws(Fault) -> StageFolder { try StageFolder(self, stage: name) }

    /// Every batch that has a folder under a root, by the order of the names' bytes.
    ///
    /// - Parameters:
    ///   - pipeline: only this pipeline.
    ///   - batch: only this batch.
    public static func all(root: String, pipeline: String? = nil, batch: String? = nil) throws(Fault) -> [BatchAddress]
    {
        guard Folders.isFolder(root) else { throw Fault(.missing, "there is no root '\(root)'") }
        var found: [BatchAddress] = []
        for pipelineName in try folders(in: root) where pipeline == nil || pipeline == pipelineName {
            for batchName in try folders(in: "\(root)/\(pipelineName)") where batch == nil || batch == batchName {
                found.append(try BatchAddress(root: root, pipeline: pipelineName, batch: batchName))
            }
        }
        return found
    }

    /// The stages that have a folder in the batch, by the order of the names' bytes; none if the batch has none.
    public func stages() throws(Fault) -> [StageFolder] {
        guard Folders.isFolder(path) else { return [] }
        var found: [StageFolder] = []
        for name in try Self.folders(in: path) { found.append(try stage(name)) }
        return found
    }

    private static func folders(in path: String) throws(Fault) -> [String] {
        try Folders.names(in: path).filter {
            (try? Names.check($0, "name")) != nil && Folders.isFolder("\(path)/\($0)")
        }
    }
}

extension InputReference {
    /// The folder of the version that is referred to, under a root. Names in a file are not checked: they may be anything.
    public func folder(under root: String) -> String { "\(root)/\(pipeline)/\(batch)/\(stage)/\(version)" }

    /// The folder of the version that is referred to, in the batch of the version that refers to it.
    ///
    /// - Parameter version: `ROOT/PIPELINE/BATCH/STAGE/VERSION`
    public func folder(beside version: String) -> String {
        "\(Folders.parent(of: Folders.parent(of: version)))/\(stage)/\(self.version)"
    }

    /// The root of the tree that a version's folder is in.
    ///
    /// - Parameter version: `ROOT/PIPELINE/BATCH/STAGE/VERSION`
    public static func root(ofVersion version: String) -> String {
        (0..<4).reduce(version) { path, _ in Folders.parent(of: path) }
    }
}
