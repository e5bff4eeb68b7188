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
    ///
    /// - Parameters:
    ///   - growth: where further parts of the plan come from, if it is a growing one.
    ///   - prepare: called once before anything is written, if there is something to do: what it throws leaves no trace.
    ///   - make: makes part `index` of the plan, in the version's folder, up to but not including its seal.
    public func execute(
        _ plan: VersionPlan, growth: (any PlanGrowing)? = nil, prepare: () throws(Fault) -> Void = {},
        make: (_ index: Int, _ version: String) throws(Fault) -> PartWriter
    ) throws(Fault) -> StageOutcome {
        let growing = GrowingPlan(plan, growth, context)
        let outcome = try execute(growing, prepare: prepare, make: make)
        mark?.end()
        return outcome
    }

    private func execute(
        _ growing: GrowingPlan, prepare: () throws(Fault) -> Void,
        make: (_ index: Int, _ version: String) throws(Fault) -> PartWriter
    ) throws(Fault) -> StageOutcome {
        if !request.force { try passOver(growing) }
        let plan = growing.plan
        if plan.isComplete {
            try request.parts.check(against: plan.parts.count)
            if !request.force, let number = try sameVersion(as: plan) {
                return try settle(number, VersionReader(folder.version(number)).seal, plan, made: 0, linked: 0)
            }
        }
        try prepare()
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
            let (made, linked) = try makeParts(of: growing, in: path, sealing, pressure, make)
            try sealing.wait()
            return try finish(
                number, growing.plan, made: made, linked: linked,
                waited: (input: growing.waited, followers: pressure.waited))
        } catch {
            // What has been made is sealed all the same; what ended the run is what is told.
            try? sealing.wait()
            throw error
        }
    }

    private func makeParts(
        of growing: GrowingPlan, in path: String, _ sealing: SealBehind, _ pressure: BackPressure,
        _ make: (_ index: Int, _ version: String) throws(Fault) -> PartWriter
    ) throws(Fault) -> (made: Int, linked: Int) {
        let whole = request.parts == .all
        var (made, linked) = (0, 0)
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
            if Folders.exists("\(path)/\(part.name)/\(PartFolder.sealName)") {
                context.advance(by: part.items)
            } else {
                // A folder without its seal is no part, and would stand in the way of the one that is to come.
                try Folders.remove("\(path)/\(part.name)")
                if !request.force, let source = try reusable.find(plan.keys[index]) {
                    try PartWriter.link(from: source, into: path, as: part.name)
                    linked += 1
                    context.advance(by: part.items)
                } else {
                    try makePart(index, plan, in: path, sealing, make)
                    made += 1
                }
            }
            if let partLock {
                try sealing.wait()
                partLock.release()
            }
        }
        return (made, linked)
    }

    /// Makes a part here, and has it sealed in the background.
    private func makePart(
        _ index: Int, _ plan: VersionPlan, in path: String, _ sealing: SealBehind,
        _ make: (_ index: Int, _ version: String) throws(Fault) -> PartWriter
    ) throws(Fault) {
        let (name, input, key, tool) = (
            plan.parts[index].name, plan.parts[index].input, plan.keys[index], plan.identity.tool
        )
        let (began, beganAt) = (MonotonicClock.now(), WallClock.now())
        let finished = try make(index, path).finish()
        try context.checkStop()
        let seconds = (MonotonicClock.now() - began).rounded(decimals: 6)
        let run: JSONObject = [
            "started_at": .string(WallClock.text(beganAt)), "seconds": .double(seconds),
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

    private func finish(
        _ number: Int, _ plan: VersionPlan, made: Int, linked: Int, waited: (input: Double, followers: Double)
    ) throws(Fault) -> StageOutcome {
        let path = folder.version(number)
        var parts: [(name: String, seal: PartSeal)] = []
        for part in plan.parts {
            let seal = "\(path)/\(part.name)/\(PartFolder.sealName)"
            guard Folders.exists(seal) else {
                // A shard that is not the last one to finish.
                return StageOutcome(path: path, seal: nil, status: .apart, made: made, linked: linked)
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
            seal = try sealVersion(number, plan, parts, made: made, linked: linked, waited: waited)
        }
        if let sealing { sealing.release() }
        return try settle(number, seal, plan, made: made, linked: linked)
    }

    private func sealVersion(
        _ number: Int, _ plan: VersionPlan, _ parts: [(name: String, seal: PartSeal)], made: Int, linked: Int,
        waited: (input: Double, followers: Double)
    ) throws(Fault) -> VersionSeal {
        let seconds = (MonotonicClock.now() - started).rounded(decimals: 6)
        var run: JSONObject = [
            "host": .string(Machine.name()), "started_at": .string(WallClock.text(startedAt)),
            "finished_at": .string(WallClock.text(WallClock.now())), "seconds": .double(seconds),
            "peak_memory_bytes": .int(Int64(PeakMemory.bytes())), "parts_made": .int(Int64(made)),
            "parts_reused": .int(Int64(linked)), "tool_version": .string(request.toolVersion),
            "jobs": .int(Int64(context.jobs)), "waited_for_input": .double(waited.input.rounded(decimals: 3)),
            "waited_for_followers": .double(waited.followers.rounded(decimals: 3)),
        ]
        if let limit = MemoryLimit.bytes(for: plan.effectiveConfig) { run["memory_limit_bytes"] = .int(Int64(limit)) }
        let seal = VersionSeal(identity: plan.identity, inputs: plan.inputs, parts: parts, run: run)
        try AtomicFile.write(seal.sealed.bytes(), to: "\(folder.version(number))/\(VersionFolder.sealName)")
        context.events.record(
            "version_sealed",
            "v\(number) sealed: \(seal.items) items, \(seal.rejected) rejected, \(made) parts made, \(linked) reused",
            [
                "version": .string("v\(number)"), "items": .int(Int64(seal.items)),
                "rejected": .int(Int64(seal.rejected)), "seconds": .double(seconds),
            ])
        return seal
    }

    /// Evaluates the gates, at every run anew, and lets `current` follow.
    private func settle(
        _ number: Int, _ seal: VersionSeal, _ plan: VersionPlan, made: Int, linked: Int
    ) throws(Fault) -> StageOutcome {
        func outcome(_ status: StageOutcome.Status) -> StageOutcome {
            StageOutcome(path: folder.version(number), seal: seal, status: status, made: made, linked: linked)
        }
        guard request.parts == .all, request.input == nil else { return outcome(.apart) }
        let pinned = folder.pinned()
        if let reason = plan.gates.failure(of: seal), pinned != number {
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
