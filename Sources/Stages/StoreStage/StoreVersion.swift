internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import StageRun

/// What a load is to be, known before anything is read.
struct StorePlan {
    let identity: VersionIdentity
    let effectiveConfig: JSONObject
    let inputs: [InputReference]

    /// Tells this load from every other: what is loaded, where, by which revision of the tool.
    var fingerprint: Digest {
        let input = Digest(of: JSON.array(inputs.map(\.json)).bytes(.canonical))
        return VersionSeal.fingerprint(of: [identity.key(input: input)])
    }
}

/// The store's own versions: a manifest, a log, a receipt and a seal each; there are no parts.
struct StoreVersion {
    let folder: StageFolder
    let number: Int
    var path: String { folder.version(number) }
    var name: String { "v\(number)" }

    /// The sealed version that vouches for a load, if it is on disk.
    static func sealed(
        in folder: StageFolder, fingerprint: Digest, transaction: Int
    ) throws(Fault) -> VersionReader? {
        for number in try folder.versions().reversed() where folder.isSealed(number) {
            let version = try VersionReader(folder.version(number))
            if version.seal.fingerprint == fingerprint, version.seal.run["transaction"]?.int == transaction {
                return version
            }
        }
        return nil
    }

    /// Goes on with the version that a run of the same plan left unsealed, else begins the next one.
    static func begin(
        in folder: StageFolder, _ plan: StorePlan, run: JSONObject
    ) throws(Fault) -> StoreVersion {
        let numbers = try folder.versions()
        if let last = numbers.last, !folder.isSealed(last),
            let manifest = try? RunManifest(reading: "\(folder.version(last))/\(VersionFolder.manifestName)"),
            manifest.fingerprint == plan.fingerprint
        {
            try VersionFolder.removeTemporaries(in: folder.version(last))
            return StoreVersion(folder: folder, number: last)
        }
        let version = StoreVersion(folder: folder, number: (numbers.last ?? 0) + 1)
        let temporary = "\(folder.path)/.tmp-\(version.name)"
        try Folders.remove(temporary)
        try Folders.make(temporary)
        let manifest = RunManifest(
            identity: plan.identity, effectiveConfig: plan.effectiveConfig, inputs: plan.inputs,
            fingerprint: plan.fingerprint, run: run)
        try AtomicFile.write(manifest.sealed.bytes(), to: "\(temporary)/\(VersionFolder.manifestName)")
        try Folders.rename(temporary, to: version.path)
        try Folders.sync(folder.path)
        return version
    }

    /// Writes the receipt, then the seal.
    func seal(_ plan: StorePlan, _ receipt: DiskReceipt, run: JSONObject) throws(Fault) -> VersionSeal {
        let bytes = receipt.sealed.bytes()
        try AtomicFile.write(bytes, to: "\(path)/\(DiskReceipt.fileName)")
        let file = SealedFile(name: DiskReceipt.fileName, bytes: bytes.count, sha256: Digest(of: bytes))
        let seal = VersionSeal(
            identity: plan.identity, inputs: plan.inputs, parts: [], files: [file], fingerprint: plan.fingerprint,
            run: run)
        try AtomicFile.write(seal.sealed.bytes(), to: "\(path)/\(VersionFolder.sealName)")
        return seal
    }
}
