public import Digests
internal import Durable
public import Fault
public import JSON

/// A model package: its manifest, read and checked, and the digest of all its files.
public struct ModelPackage: Sendable {
    /// The name of the file with a known input and its known output.
    public static let checkFileName = "check.safetensors"

    /// The model, by version.
    public let reference: ModelReference
    /// The package's folder.
    public let folder: String
    /// The content of `model.toml`.
    public let manifest: ModelManifest
    /// SHA-256 over the canonical JSON of the digests of `model.toml` and of each file, by name.
    ///
    /// The model file's own digest is taken from `model.toml` and not computed, so that a run with nothing to infer
    /// does not read a large file; ``verifyModelFile()`` compares it before the file is used.
    public let digest: Digest
    /// The path of the known-answer file, if the package has one.
    public let checkPath: String?

    /// The path of the model's file.
    public var modelPath: String { "\(folder)/\(manifest.file)" }
    /// Whether the model's file is an AOTInductor package; otherwise it is TorchScript.
    public var isCompiled: Bool { manifest.file.hasSuffix(".pt2") }

    /// What is recorded about the model, also in the keys of the parts made with it.
    public var record: JSON {
        ["name": .string(reference.name), "version": .string(reference.version), "digest": .string(digest.hex)]
    }

    /// Opens a package by name.
    ///
    /// - Throws: `.configuration` for a model that is not registered, or an invalid `model.toml`.
    public init(_ name: String, in registry: ModelRegistry) throws(Fault) {
        (reference, folder) = try registry.resolve(ModelReference(name))
        guard Folders.exists("\(folder)/model.toml") else {
            throw Fault(.configuration, "the model '\(reference)' has no model.toml in '\(folder)'")
        }
        manifest = try ModelManifest(inFolder: folder)
        guard manifest.name == reference.name, manifest.version == reference.version else {
            throw Fault(
                .configuration,
                "'\(folder)/model.toml' says it is \(manifest.name)@\(manifest.version), but it is registered as \(reference)"
            )
        }
        let check = "\(folder)/\(Self.checkFileName)"
        checkPath = Folders.exists(check) ? check : nil

        var digests: JSONObject = [manifest.file: .string(manifest.sha256.hex)]
        let others = manifest.outputs.map(\.labelsFile) + [checkPath.map { _ in Self.checkFileName }]
        for file in ["model.toml"] + others {
            if let file { digests[file] = .string(try Self.digest(of: "\(folder)/\(file)").hex) }
        }
        digest = Digest(of: JSON.object(digests).bytes(.canonical))
    }

    /// Compares the model file's digest with the one in `model.toml`: both of libtorch's formats can contain native
    /// code, so only registered bytes are ever loaded.
    ///
    /// - Throws: `.damaged` if they differ or the file is missing.
    public func verifyModelFile() throws(Fault) {
        guard Folders.exists(modelPath) else {
            throw Fault(.damaged, "the model '\(reference)' lacks its file '\(modelPath)'")
        }
        let found = try Self.digest(of: modelPath)
        guard found == manifest.sha256 else {
            throw Fault(
                .damaged,
                "'\(modelPath)' has the SHA-256 \(found), but its model.toml says \(manifest.sha256): "
                    + "the file was changed or damaged; restore it or register it as a new version")
        }
    }

    private static func digest(of path: String) throws(Fault) -> Digest {
        let file = try MappedFile(path)
        file.adviseSequential()
        return Digest(ofBytes: file.bytes)
    }
}
