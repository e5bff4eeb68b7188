public import BatchFormat
internal import Digests
internal import Durable
public import Fault
internal import JSON
internal import Memory
internal import Processes
internal import Time

/// One run of one stage: the lock, the version, reuse, sealing, and `current`.
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

    /// Takes the stage's lock (throws 75 if another run holds it).
    public init(folder: StageFolder, request: StageRequest, context: RunContext) throws(Fault) {
        self.folder = folder
        self.request = request
        self.context = context
        reusable = ReusableParts(folder, events: context.events)
        lock = try folder.lock(request.parts == .all ? .exclusive : .shared)
        // Trials and shards leave no version that a follower could wait for.
        mark =
            request.parts == .all && request.input == nil
            ? WriterMark(folder, night: request.streaming.night) : nil
    }

    /// Carries out a plan: finds the existing version, resumes one that a dead run left, or starts the next; reuses
    /// parts by their keys; makes the others; seals; and moves `current` if the gates pass.
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
                return try settle(number, VersionReader(folder.version(number)).seal, plan, work, Yield())
            }
        }
        let maker = try work.prepare()
        let number = try workingVersion(for: plan)
        let path = folder.version(number)
        try context.events.open(inVersion: path)
        if request.parts == .all { try VersionFolder.removeTemporaries(in: path) }
        mark?.announce(number)
        context.events.record(
            RunStarted(folder, version: "v\(number)", parts: plan.parts.count, jobs: context.jobs))

        let sealing = SealBehind()
        do throws(Fault) {
            let pressure = BackPressure(folder, version: path, madeBy: plan.identity.tool, request, context)
            var yield = try makeParts(of: growing, in: path, sealing, pressure, maker)
            try sealing.wait()
            yield.waited = (input: growing.waited, followers: pressure.waited)
            yield.counts = work.counts
            return try finish(number, growing.plan, work, yield)
        } catch {
            // What has been made is still sealed; report the original error.
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
                // A folder without a seal is not a part, and would block the one to be made.
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

    /// Makes a part here. A folder is sealed in the background, a file together with the version.
    private func makePart(
        _ index: Int, _ plan: VersionPlan, in path: String, _ sealing: SealBehind, _ maker: some PartMaker,
        _ yield: inout Yield
    ) throws(Fault) {
        let (began, beganAt) = (MonotonicClock.now(), WallClock.now())
        switch try maker.make(index, in: path) {
        case .file(let file, let load):
            yield.files.append(file)
            yield.load = load ?? yield.load
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
        var figures = self.figures(startedAt: began)
        figures.seconds = seconds
        figures.peakMemoryBytes = PeakMemory.bytes()
        let run = figures
        let events = context.events
        try sealing.start { () throws(Fault) in
            let seal = try finished.seal(tool: tool, key: key, input: input, run: run)
            events.record(PartSealed(name, seal, seconds: seconds))
        }
    }

    /// What every file that this run writes says of it.
    func figures(startedAt: Double) -> RunFigures {
        var figures = RunFigures()
        figures.host = Machine.name()
        figures.startedAt = WallClock.text(startedAt)
        figures.toolVersion = request.toolVersion
        figures.jobs = context.jobs
        return figures
    }

    private func lockPart(_ name: String) throws(Fault) -> FolderLock {
        guard let lock = try FolderLock.trying(file: folder.lockFile(name), .exclusive) else {
            throw Fault(.retryLater, "another run is making \(name) of '\(folder.path)'; run this again later")
        }
        return lock
    }

    // MARK: Sealing

    private func finish(
        _ number: Int, _ plan: VersionPlan, _ work: some StageWork, _ yield: Yield
    ) throws(Fault) -> StageOutcome {
        let path = folder.version(number)
        var parts: [(name: String, seal: PartSeal)] = []
        for part in plan.parts where part.form == .folder {
            let seal = "\(path)/\(part.name)/\(PartFolder.sealName)"
            guard Folders.exists(seal) else {
                // A shard that is not the last to finish.
                return StageOutcome(path: path, seal: nil, status: .apart, made: yield.made, linked: yield.linked)
            }
            parts.append((part.name, try PartSeal(reading: seal)))
        }
        // Shards that end at the same time must not both write the seal.
        let sealing = request.parts == .all ? nil : try FolderLock.waiting(forFile: folder.lockFile("plan"))
        let seal: VersionSeal
        if folder.isSealed(number) {
            seal = try VersionReader(path).seal
        } else {
            try completeManifest(of: number, plan)
            seal = try sealVersion(number, plan, parts, yield)
        }
        if let sealing { sealing.release() }
        return try settle(number, seal, plan, work, yield)
    }

    private func sealVersion(
        _ number: Int, _ plan: VersionPlan, _ parts: [(name: String, seal: PartSeal)], _ yield: Yield
    ) throws(Fault) -> VersionSeal {
        let seconds = (MonotonicClock.now() - started).rounded(decimals: 6)
        var run = figures(startedAt: startedAt)
        run.finishedAt = WallClock.text(WallClock.now())
        run.seconds = seconds
        run.peakMemoryBytes = PeakMemory.bytes()
        run.memoryLimitBytes = MemoryLimit.bytes(for: plan.effectiveConfig)
        if yield.files.isEmpty {
            run.partsMade = yield.made
            run.partsReused = yield.linked
            run.waitedForInput = yield.waited.input.rounded(decimals: 3)
            run.waitedForFollowers = yield.waited.followers.rounded(decimals: 3)
        }
        run.metadataRows = yield.counts.metadata?.rows
        run.metadataRowsUsed = yield.counts.metadata?.used
        run.metadataRowsUnused = yield.counts.metadata.map { $0.rows - $0.used }
        run.transaction = yield.load?.transaction
        run.loadedAt = yield.load?.at
        let seal = VersionSeal(
            identity: plan.identity, inputs: plan.inputs, parts: parts, files: yield.files,
            fingerprint: yield.files.isEmpty ? nil : plan.fingerprint, run: run)
        try AtomicFile.write(seal.sealed.bytes(), to: "\(folder.version(number))/\(VersionFolder.sealName)")
        context.events.record(
            VersionSealed(
                "v\(number)", seal, parts: yield.files.isEmpty ? (yield.made, yield.linked) : nil, seconds: seconds))
        return seal
    }

    /// Evaluates the gates, in every run, and updates `current`.
    private func settle(
        _ number: Int, _ seal: VersionSeal, _ plan: VersionPlan, _ work: some StageWork, _ yield: Yield
    ) throws(Fault) -> StageOutcome {
        func outcome(_ status: StageOutcome.Status) -> StageOutcome {
            StageOutcome(
                path: folder.version(number), seal: seal, status: status, made: yield.made, linked: yield.linked)
        }
        guard request.parts == .all, request.input == nil else { return outcome(.apart) }
        let pinned = folder.pinned()
        // Complete a pin that was interrupted between its two links.
        if let pin = folder.sealedPin(), pin != number, folder.current() != pin { try folder.setCurrent(pin) }
        if pinned != number, let reason = try gateFailure(number, seal, plan, work) {
            try folder.setHeld(number)
            context.events.record(GateFailed("v\(number)", reason))
            return outcome(.heldBack(reason))
        }
        if folder.held() != nil { try folder.setHeld(nil) }
        if let pinned, pinned != number { return outcome(.pinned(to: pinned)) }
        if folder.current() != number {
            try folder.setCurrent(number)
            context.events.record(CurrentSwitched("v\(number)"))
        }
        return outcome(.current)
    }
}

extension VersionRun {
    /// The first gate that a version misses, in words; `nil` if it passes.
    private func gateFailure(
        _ number: Int, _ seal: VersionSeal, _ plan: VersionPlan, _ work: some StageWork
    ) throws(Fault) -> String? {
        if let reason = plan.gates.failure(items: seal.items, rejected: seal.rejected) { return reason }
        let current = folder.current().flatMap { $0 == number ? nil : $0 }
        return try work.gateFailure(
            replacing: current.flatMap { (current) throws(Fault) in try folder.readable(current) })
    }
}

/// What a run has added to its version.
private struct Yield {
    /// Parts made, and parts reused from other versions.
    var (made, linked) = (0, 0)
    /// Parts that are single files.
    var files: [SealedFile] = []
    /// The transaction in which a batch was loaded.
    var load: LoadTransaction?
    /// What the stage has counted itself.
    var counts = OwnCounts()
    /// Seconds spent waiting.
    var waited = (input: 0.0, followers: 0.0)
}
