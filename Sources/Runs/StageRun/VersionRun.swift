public import BatchFormat
internal import Digests
internal import Durable
public import Fault
internal import JSON
internal import Memory
internal import Processes
internal import Time

/// One run of one stage: the lock, the version it works on, what can be reused, sealing, and `current`.
///
/// The steps are the same for every stage; what differs is the plan, and how a part is made.
public final class VersionRun {
    /// The stage's folder.
    public let folder: StageFolder
    let request: StageRequest
    let context: RunContext
    private let lock: FolderLock
    private let mark: WriterMark?
    let reusable: ReusableParts
    private let started = MonotonicClock.now()
    let startedAt = WallClock.now()

    /// Takes the stage's lock (75 if another run holds it).
    public init(folder: StageFolder, request: StageRequest, context: RunContext) throws(Fault) {
        self.folder = folder
        self.request = request
        self.context = context
        reusable = ReusableParts(folder, events: context.events)
        lock = try folder.lock(request.parts == .all ? .exclusive : .shared)
        // Trials and shards leave no version that a follower could wait for.
        mark = request.parts == .all && request.input == nil ? WriterMark(folder) : nil
    }

    /// Carries out a plan: finds the version that is there already, resumes the one that a dead run left, or begins the
    /// next; reuses parts by their keys; makes the others; seals; and switches `current` if the gates pass.
    public func execute(_ work: some StageWork) throws(Fault) -> StageOutcome {
        let growing = GrowingPlan(work.plan, work.growth, context)
        let outcome = try carryOut(work, growing)
        mark?.end()
        return outcome
    }

    private func carryOut(_ work: some StageWork, _ growing: GrowingPlan) throws(Fault) -> StageOutcome {
        if !request.force { try passOver(growing) }
        let plan = growing.plan
        if plan.isComplete {
            try request.parts.check(against: plan.parts.count)
            if !request.force, let number = try sameVersion(as: plan, for: work) {
                return try settle(number, VersionReader(folder.version(number)).seal, plan, Yield())
            }
        }
        let maker = try work.prepare()
        let number = try workingVersion(for: plan)
        let path = folder.version(number)
        try context.events.open(inVersion: path)
        if request.parts == .all { try VersionFolder.removeTemporaries(in: path) }
        mark?.announce(number)
        context.events.record(
            "run_started", "\(plan.identity.stage) \(folder.pipeline) \(folder.batch): version v\(number)",
            [
                "version": .string("v\(number)"), "parts": .int(Int64(plan.parts.count)),
                "jobs": .int(Int64(context.jobs)),
            ])

        let sealing = SealBehind()
        do throws(Fault) {
            let pressure = BackPressure(folder, version: path, madeBy: plan.identity.tool, request, context)
            var yield = try makeParts(of: growing, in: path, sealing, pressure, maker)
            try sealing.wait()
            yield.waited = (input: growing.waited, followers: pressure.waited)
            return try finish(number, growing.plan, yield)
        } catch {
            // What has been made is sealed all the same; the error that ended the run is the one to report.
            try? sealing.wait()
            throw error
        }
    }

    private func makeParts(
        of growing: GrowingPlan, in path: String, _ sealing: SealBehind, _ pressure: BackPressure,
        _ maker: some PartMaker
    ) throws(Fault) -> Yield {
        let whole = request.parts == .all
        var yield = Yield()
        var next = 0
        while try growing.reaches(next, behind: sealing.behind) {
            let (index, plan) = (next, growing.plan)
            let part = plan.parts[index]
            next += 1
            guard request.parts.contains(index) else { continue }
            try context.checkStop()
            if pressure.countsBytes { try sealing.wait() }
            try pressure.holdBack(at: index)
            let partLock = whole ? nil : try lockPart(part.name)
            if part.form == .folder, Folders.exists("\(path)/\(part.name)/\(PartFolder.sealName)") {
                context.advance(by: part.items)
            } else {
                // A folder without its seal is no part, and would stand in the way of the one that is to come.
                try Folders.remove("\(path)/\(part.name)")
                if !request.force, let source = try reusable.find(plan.keys[index]) {
                    try PartWriter.link(from: source, into: path, as: part.name)
                    yield.linked += 1
                    context.advance(by: part.items)
                } else {
                    try makePart(index, plan, in: path, sealing, maker, &yield)
                }
            }
            if let partLock {
                try sealing.wait()
                partLock.release()
            }
        }
        return yield
    }

    /// Makes a part here. A folder is sealed in the background, a file with the version.
    private func makePart(
        _ index: Int, _ plan: VersionPlan, in path: String, _ sealing: SealBehind, _ maker: some PartMaker,
        _ yield: inout Yield
    ) throws(Fault) {
        let (began, beganAt) = (MonotonicClock.now(), WallClock.now())
        switch try maker.make(index, in: path) {
        case .file(let file, let run):
            yield.files.append(file)
            for (name, value) in run.members { yield.run[name] = value }
        case .folder(let writer):
            let finished = try writer.finish()
            try context.checkStop()
            let seconds = (MonotonicClock.now() - began).rounded(decimals: 6)
            try seal(finished, index, plan, began: beganAt, seconds: seconds, sealing)
            yield.made += 1
        }
    }

    private func seal(
        _ finished: FinishedPart, _ index: Int, _ plan: VersionPlan, began: Double, seconds: Double,
        _ sealing: SealBehind
    ) throws(Fault) {
        let (name, input, key, tool) = (
            plan.parts[index].name, plan.parts[index].input, plan.keys[index], plan.identity.tool
        )
        let run: JSONObject = [
            "started_at": .string(WallClock.text(began)), "seconds": .double(seconds),
            "peak_memory_bytes": .int(Int64(PeakMemory.bytes())), "host": .string(Machine.name()),
            "tool_version": .string(request.toolVersion), "jobs": .int(Int64(context.jobs)),
        ]
        let events = context.events
        try sealing.start { () throws(Fault) in
            let seal = try finished.seal(tool: tool, key: key, input: input, run: run)
            events.record(
                "part_sealed",
                "\(name): \(seal.items) items, \(seal.rejected) rejected, \(seconds.rounded(decimals: 2)) s",
                [
                    "part": .string(name), "items": .int(Int64(seal.items)), "rejected": .int(Int64(seal.rejected)),
                    "bytes": .int(Int64(seal.bytes)), "seconds": .double(seconds),
                ])
        }
    }

    private func lockPart(_ name: String) throws(Fault) -> FolderLock {
        guard let lock = try FolderLock.trying(file: folder.lockFile(name), .exclusive) else {
            throw Fault(.retryLater, "another run is making \(name) of '\(folder.path)'; run this again later")
        }
        return lock
    }

    // MARK: Sealing

    private func finish(_ number: Int, _ plan: VersionPlan, _ yield: Yield) throws(Fault) -> StageOutcome {
        let path = folder.version(number)
        var parts: [(name: String, seal: PartSeal)] = []
        for part in plan.parts where part.form == .folder {
            let seal = "\(path)/\(part.name)/\(PartFolder.sealName)"
            guard Folders.exists(seal) else {
                // A shard that is not the last one to finish.
                return StageOutcome(path: path, seal: nil, status: .apart, made: yield.made, linked: yield.linked)
            }
            parts.append((part.name, try PartSeal(reading: seal)))
        }
        // Shards that end together must not both write the seal.
        let sealing = request.parts == .all ? nil : try FolderLock.waiting(forFile: folder.lockFile("plan"))
        let seal: VersionSeal
        if folder.isSealed(number) {
            seal = try VersionReader(path).seal
        } else {
            try completeManifest(of: number, plan)
            seal = try sealVersion(number, plan, parts, yield)
        }
        if let sealing { sealing.release() }
        return try settle(number, seal, plan, yield)
    }

    private func sealVersion(
        _ number: Int, _ plan: VersionPlan, _ parts: [(name: String, seal: PartSeal)], _ yield: Yield
    ) throws(Fault) -> VersionSeal {
        let seconds = (MonotonicClock.now() - started).rounded(decimals: 6)
        var run: JSONObject = [
            "host": .string(Machine.name()), "started_at": .string(WallClock.text(startedAt)),
            "finished_at": .string(WallClock.text(WallClock.now())), "seconds": .double(seconds),
            "peak_memory_bytes": .int(Int64(PeakMemory.bytes())), "tool_version": .string(request.toolVersion),
            "jobs": .int(Int64(context.jobs)),
        ]
        if yield.files.isEmpty { for (name, value) in yield.figures.members { run[name] = value } }
        if let limit = MemoryLimit.bytes(for: plan.effectiveConfig) { run["memory_limit_bytes"] = .int(Int64(limit)) }
        for (name, value) in yield.run.members { run[name] = value }
        let seal = VersionSeal(
            identity: plan.identity, inputs: plan.inputs, parts: parts, files: yield.files,
            fingerprint: yield.files.isEmpty ? nil : plan.fingerprint, run: run)
        try AtomicFile.write(seal.sealed.bytes(), to: "\(folder.version(number))/\(VersionFolder.sealName)")
        let counts =
            yield.files.isEmpty
            ? ": \(seal.items) items, \(seal.rejected) rejected, \(yield.made) parts made, \(yield.linked) reused" : ""
        context.events.record(
            "version_sealed", "v\(number) sealed\(counts)",
            [
                "version": .string("v\(number)"), "items": .int(Int64(seal.items)),
                "rejected": .int(Int64(seal.rejected)), "seconds": .double(seconds),
            ])
        return seal
    }

    /// Evaluates the gates, at every run again, and lets `current` follow.
    private func settle(
        _ number: Int, _ seal: VersionSeal, _ plan: VersionPlan, _ yield: Yield
    ) throws(Fault) -> StageOutcome {
        func outcome(_ status: StageOutcome.Status) -> StageOutcome {
            StageOutcome(
                path: folder.version(number), seal: seal, status: status, made: yield.made, linked: yield.linked)
        }
        guard request.parts == .all, request.input == nil else { return outcome(.apart) }
        let pinned = folder.pinned()
        if let reason = plan.gates.failure(items: seal.items, rejected: seal.rejected), pinned != number {
            try folder.setHeld(number)
            context.events.record(
                "gate_failed", level: .warning, "v\(number) held back: \(reason)", ["version": .string("v\(number)")])
            return outcome(.heldBack(reason))
        }
        if folder.held() != nil { try folder.setHeld(nil) }
        if let pinned, pinned != number {
            // A person's choice that was cut short between its two links is carried through.
            if folder.current() != pinned, folder.isSealed(pinned) { try folder.setCurrent(pinned) }
            return outcome(.pinned(to: pinned))
        }
        if folder.current() != number {
            try folder.setCurrent(number)
            context.events.record("current_switched", "current is v\(number)", ["version": .string("v\(number)")])
        }
        return outcome(.current)
    }
}

/// What a run has brought into its version.
private struct Yield {
    /// Parts made, and parts taken over from other versions.
    var (made, linked) = (0, 0)
    /// Parts that are single files.
    var files: [SealedFile] = []
    /// What the maker of a file puts on record.
    var run = JSONObject()
    /// Seconds spent waiting.
    var waited = (input: 0.0, followers: 0.0)

    /// The figures of a version of folders, for the seal's `run`.
    var figures: JSONObject {
        [
            "parts_made": .int(Int64(made)), "parts_reused": .int(Int64(linked)),
            "waited_for_input": .double(waited.input.rounded(decimals: 3)),
            "waited_for_followers": .double(waited.followers.rounded(decimals: 3)),
        ]
    }
}
