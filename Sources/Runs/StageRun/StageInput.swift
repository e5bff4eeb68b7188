public import BatchFormat
internal import Durable
public import Fault
internal import JSON

/// The version that a stage reads, sealed or still growing.
public struct StageInput: Sendable {
    /// The version's folder.
    public let path: String
    /// What the version is the result of.
    public let identity: VersionIdentity
    /// The folder of the version that it is made from, which need not exist.
    private let origin: String?

    /// A sealed version.
    public init(_ version: VersionReader) {
        path = version.path
        identity = version.seal.identity
        origin = Self.origin(version.seal.inputs, of: version.path)
    }

    /// A version that has been started.
    init(growing path: String) throws(Fault) {
        let manifest = try RunManifest(reading: "\(path)/\(VersionFolder.manifestName)")
        self.path = path
        identity = manifest.identity
        // It may have had a sealed input from the start, or its input may have been sealed meanwhile.
        origin =
            Self.origin(manifest.inputs, of: path)
            ?? manifest.run.follows.map { "\(Folders.parent(of: Folders.parent(of: path)))/\($0)" }
    }

    private static func origin(_ inputs: [InputReference], of version: String) -> String? {
        inputs.first.map { $0.folder(under: InputReference.root(ofVersion: version)) }
    }

    /// The version that this one is made from, if it exists: a version copied away from its lineage can still be tried
    /// by hand.
    public func madeFrom() throws(Fault) -> StageInput? {
        guard let origin, Folders.isFolder(origin) else { return nil }
        guard Folders.exists("\(origin)/\(VersionFolder.sealName)") else { return try StageInput(growing: origin) }
        return StageInput(try VersionReader(origin))
    }
}

extension RunManifest {
    /// The stages that the version is made from: those of its inputs, or the one that its run follows.
    public var inputStages: [String] {
        guard inputs.isEmpty else { return inputs.map(\.stage) }
        return run.follows.map { [Folders.parent(of: $0)] } ?? []
    }
}
