internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON

/// Which version a run works on: one that is there already, one that a dead run left, or a new one.
extension VersionRun {
    /// A sealed version whose parts all have the plan's keys: there is nothing to make.
    func sameVersion(as plan: VersionPlan) throws(Fault) -> Int? {
        let fingerprint = plan.fingerprint
        // The current version first: it is the usual answer, and then no other seal needs to be read.
        let numbers = try folder.versions()
        let current = folder.current()
        for number in numbers.filter({ $0 == current }) + numbers.reversed().filter({ $0 != current }) {
            guard folder.isSealed(number) else { continue }
            guard let seal = try folder.readable(number)?.seal else {
                context.events.record(
                    "version_damaged", level: .warning,
                    "the seal of '\(folder.version(number))' is damaged, so it counts for nothing; look with 'batches verify'",
                    ["version": .string("v\(number)")])
                continue
            }
            if seal.fingerprint == fingerprint, seal.identity.tool == plan.identity.tool { return number }
        }
        return nil
    }

    /// The unsealed version that this plan may go on with, else a new one, with its manifest written.
    func workingVersion(for plan: VersionPlan) throws(Fault) -> Int {
        // Shards hold the stage's lock together, so they agree on the version under a lock of its own.
        try Folders.makeAll("\(folder.path)/.locks")
        let planning = try FolderLock.waiting(forFile: "\(folder.path)/.locks/plan")
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
        var run: JSONObject = [
            "host": .string(Clock.host()), "started_at": .string(Clock.text(startedAt)),
            "tool_version": .string(request.toolVersion), "jobs": .int(Int64(context.jobs)),
        ]
        if let input = request.input { run["input_path"] = .string(input) }
        let manifest = RunManifest(
            identity: plan.identity, effectiveConfig: plan.effectiveConfig, inputs: plan.inputs,
            fingerprint: plan.fingerprint, run: run)
        try AtomicFile.write(manifest.sealed.bytes(), to: "\(temporary)/\(VersionFolder.manifestName)")
        try Folders.rename(temporary, to: path)
        try Folders.sync(folder.path)
        return number
    }

    private func canResume(_ number: Int, _ plan: VersionPlan) throws(Fault) -> Bool {
        let path = folder.version(number)
        let manifest: RunManifest
        do throws(Fault) {
            manifest = try RunManifest(reading: "\(path)/\(VersionFolder.manifestName)")
        } catch {
            // A version whose manifest cannot be read is left for gc; the next version takes its place.
            return false
        }
        guard manifest.identity.tool == plan.identity.tool,
            manifest.identity.key(input: Digest(of: [])) == plan.identity.key(input: Digest(of: [])),
            manifest.inputs == plan.inputs
        else { return false }
        for name in try VersionFolder.sealedParts(in: path) {
            guard let index = VersionFolder.partIndex(name), index < plan.keys.count,
                let part = try reusable.intact(in: path, name, checkingFiles: request.parts.contains(index)),
                part.seal.key == plan.keys[index]
            else { return false }
        }
        return true
    }
}
