internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import Processes
internal import Time

/// Chooses the version that a run works on: an existing one, one that a dead run left, or a new one.
extension VersionRun {
    /// A sealed version whose parts all have the plan's keys, so that nothing has to be made.
    func sameVersion(as plan: VersionPlan, for work: some StageWork) throws(Fault) -> Int? {
        // The current version first: it is the usual answer, and then no other seal needs to be read.
        for number in try folder.versionsToTake() {
            guard folder.isSealed(number) else { continue }
            guard let seal = try folder.readable(number)?.seal else {
                context.events.record(
                    VersionDamaged(
                        "v\(number)",
                        "the seal of '\(folder.version(number))' is damaged, so it is ignored; look with 'batches verify'"
                    ))
                continue
            }
            if plan.isResult(seal), try work.isDone(by: seal) { return number }
        }
        return nil
    }

    /// Waits for as much of a growing plan as some version on disk already has. Until it is known that there is
    /// something to make, no version is started, and one that a dead run left is not skipped.
    func passOver(_ growing: GrowingPlan) throws(Fault) {
        guard !growing.plan.isComplete else { return }
        var candidates = try beginnings(of: growing.plan)
        var index = 0
        while !candidates.isEmpty, try growing.reaches(index) {
            let key = growing.plan.keys[index]
            candidates.removeAll { $0.last < index || $0.keys[index] != nil && $0.keys[index] != key }
            index += 1
        }
    }

    /// The keys of the parts of every version that a growing plan may turn out to be, by index.
    private func beginnings(of plan: VersionPlan) throws(Fault) -> [(keys: [Int: Digest], last: Int)] {
        var found: [(keys: [Int: Digest], last: Int)] = []
        for number in try folder.versions() {
            var keys: [Int: Digest] = [:]
            if folder.isSealed(number) {
                let parts = try folder.readable(number)?.seal.parts ?? []
                for (index, part) in parts.enumerated() { keys[index] = part.key }
            } else if manifest(of: number, fitting: plan) != nil {
                let path = folder.version(number)
                for name in try VersionFolder.sealedParts(in: path) {
                    guard let index = VersionFolder.partIndex(name) else { continue }
                    keys[index] = try reusable.intact(in: path, name, checkingFiles: false)?.seal.key
                }
            }
            if let last = keys.keys.max() { found.append((keys, last)) }
        }
        return found
    }

    /// The unsealed version that this plan can continue, otherwise a new one, with its manifest written.
    func workingVersion(for plan: VersionPlan) throws(Fault) -> Int {
        // Shards share the stage's lock, so they choose the version under a separate one.
        let lock = folder.lockFile("plan")
        try Folders.makeAll(Folders.parent(of: lock))
        let planning = try FolderLock.waiting(forFile: lock)
        let number = try chooseVersion(for: plan)
        planning.release()
        return number
    }

    private func chooseVersion(for plan: VersionPlan) throws(Fault) -> Int {
        let numbers = try folder.versions()
        if !request.force {
            for number in numbers.reversed() where !folder.isSealed(number) {
                if try canResume(number, plan) { return number }
            }
        }
        let number = (numbers.last ?? 0) + 1
        let path = folder.version(number)
        let temporary = "\(folder.path)/.tmp-v\(number)"
        try Folders.remove(temporary)
        try Folders.make(temporary)
        var run = figures(startedAt: startedAt)
        run.inputPath = request.input
        run.follows = plan.follows
        let manifest = RunManifest(
            identity: plan.identity, effectiveConfig: plan.effectiveConfig, inputs: plan.inputs,
            fingerprint: plan.isComplete ? plan.fingerprint : nil, run: run)
        try AtomicFile.write(manifest.sealed.bytes(), to: "\(temporary)/\(VersionFolder.manifestName)")
        try Folders.rename(temporary, to: path)
        try Folders.sync(folder.path)
        return number
    }

    private func canResume(_ number: Int, _ plan: VersionPlan) throws(Fault) -> Bool {
        let path = folder.version(number)
        guard manifest(of: number, fitting: plan) != nil else { return false }
        for name in try VersionFolder.sealedParts(in: path) {
            guard let index = VersionFolder.partIndex(name), index < plan.keys.count,
                let part = try reusable.intact(in: path, name, checkingFiles: request.parts.contains(index)),
                part.seal.key == plan.keys[index]
            else { return false }
        }
        return true
    }

    /// The manifest of an unsealed version whose plan matches this one, as far as both are known.
    private func manifest(of number: Int, fitting plan: VersionPlan) -> RunManifest? {
        // A version with an unreadable manifest is left to gc, and the next version replaces it.
        guard let manifest = try? RunManifest(reading: "\(folder.version(number))/\(VersionFolder.manifestName)"),
            manifest.identity.tool == plan.identity.tool,
            manifest.identity.key(input: Digest(of: [])) == plan.identity.key(input: Digest(of: [])),
            !plan.isComplete || manifest.fingerprint == nil || manifest.inputs == plan.inputs
        else { return nil }
        return manifest
    }

    /// Writes the complete plan into the manifest, if it had to grow.
    func completeManifest(of number: Int, _ plan: VersionPlan) throws(Fault) {
        let path = "\(folder.version(number))/\(VersionFolder.manifestName)"
        let manifest = try RunManifest(reading: path)
        if manifest.inputs == plan.inputs, manifest.fingerprint == plan.fingerprint { return }
        let complete = RunManifest(
            identity: manifest.identity, effectiveConfig: manifest.effectiveConfig, inputs: plan.inputs,
            fingerprint: plan.fingerprint, run: manifest.run)
        try AtomicFile.write(complete.sealed.bytes(), to: path)
    }
}
