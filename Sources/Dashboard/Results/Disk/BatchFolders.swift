internal import BatchFormat
public import Fault
internal import Inspection
internal import JSON
internal import Workers

/// The batches under `--root`, for what the database does not have: audio, ledgers, versions.
///
/// Everything shown was checked against its digest. Blocking calls run on a bounded number of threads of their own, and
/// throw `.retryLater` if too many are waiting, or if they take too long.
public final class BatchFolders: Sendable {
    /// Where the batches are.
    public let root: String
    private let workers: JobPool<Void>
    private let seconds: Double

    /// Sets the root.
    ///
    /// - Parameters:
    ///   - threads: how many queries run at a time.
    ///   - seconds: how long one may take, including its wait.
    public init(root: String, threads: Int = 2, seconds: Double = 10) {
        self.root = root
        self.seconds = seconds
        workers = JobPool(threads: threads, waiting: 64) {}
    }

    /// Runs a query on one of the threads.
    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (Allowance) throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        let deadline = ContinuousClock.now + .seconds(seconds)
        return try await workers.run { (_, flag) throws(Fault) in
            let allowance = Allowance(flag: flag, deadline: deadline)
            try allowance.check()
            return try body(allowance)
        }
    }

    /// An item's ledger line from the first of several stages that has one; `nil` if none has. A stage without a
    /// version is looked up in its accepted one.
    func ledger(
        pipeline: String, batch: String, item: String, of stages: [(stage: String, version: String?)]
    ) async throws(Fault) -> JSON? {
        let root = root
        return try await run { (allowance) throws(Fault) in
            for (stage, version) in stages {
                let files = StageFiles(root: root, pipeline: pipeline, batch: batch, stage: stage, version: version)
                if let found = try files.find(item, within: allowance) { return .object(found.row.object) }
            }
            return nil
        }
    }

    /// What made some audio: a stage, or any that has it; in a version, or in the accepted one.
    public struct Maker: Sendable {
        let stage: String?
        let version: String?

        /// Makes a reference to a stage and version: `clean`, `v1`.
        public init(stage: String? = nil, version: String? = nil) {
            self.stage = stage
            self.version = version
        }
    }

    /// `/item/waveform`: `{"seconds", "sample_rate", "minimum", "maximum"}`, the smallest and the largest sample in
    /// each of `points` equal spans of an item's audio, none shorter than 10 ms. Throws `.missing` if there is no such
    /// item or audio.
    public func waveform(
        pipeline: String, batch: String, item: String, madeBy maker: Maker = Maker(), points: Int = 800
    ) async throws(Fault) -> [UInt8] {
        guard (1...10_000).contains(points) else {
            throw Fault(.usage, "points must be from 1 to 10000, not \(points)")
        }
        return try await sound(pipeline, batch, item, maker) { $0.waveform(points: points).bytes(.compact) }
    }

    /// `/item/spectrogram`: `{"seconds", "frames", "bands", "values"}`, the energy in dB in mel bands,
    /// `values[frame][band]`; a frame is at least 40 ms long.
    public func spectrogram(
        pipeline: String, batch: String, item: String, madeBy maker: Maker = Maker(), frames: Int = 200, bands: Int = 40
    ) async throws(Fault) -> [UInt8] {
        guard (1...1000).contains(frames) else { throw Fault(.usage, "frames must be from 1 to 1000, not \(frames)") }
        guard (4...40).contains(bands) else { throw Fault(.usage, "bands must be from 4 to 40, not \(bands)") }
        return try await sound(pipeline, batch, item, maker) { (sound) throws(Fault) in
            try sound.spectrogram(frames: frames, bands: bands).bytes(.compact)
        }
    }

    /// `/item/audio`: an item's audio as cleaned, as a WAV file of 16-bit samples.
    public func audio(
        pipeline: String, batch: String, item: String, madeBy maker: Maker = Maker()
    ) async throws(Fault) -> [UInt8] {
        try await sound(pipeline, batch, item, maker) { $0.wav() }
    }

    private func sound(
        _ pipeline: String, _ batch: String, _ item: String, _ maker: Maker,
        _ body: @escaping @Sendable (ItemSound) throws(Fault) -> [UInt8]
    ) async throws(Fault) -> [UInt8] {
        let root = root
        return try await run { (allowance) throws(Fault) in
            try body(
                ItemSound(root: root, pipeline: pipeline, batch: batch, item: item, madeBy: maker, within: allowance))
        }
    }

    /// `/versions`: `{"versions": [{"stage", "version", "state", "fingerprint", "started_at", "config"}]}`, by stage in
    /// the order of the chain, oldest first.
    public func versions(pipeline: String, batch: String) async throws(Fault) -> [UInt8] {
        let root = root
        return try await run { (_) throws(Fault) in
            try VersionList.json(root: root, pipeline: pipeline, batch: batch).bytes(.compact)
        }
    }

    /// `/diff`: the differences between two versions of a stage: `{"changes": [{"key", "a", "b"}], "making",
    /// "only_in_a", "only_in_b", "changed"}`. The last three list the first hundred items, with their total counts.
    public func difference(
        pipeline: String, batch: String, stage: String, from a: String, to b: String
    ) async throws(Fault) -> [UInt8] {
        let root = root
        return try await run { (_) throws(Fault) in
            try VersionList.difference(
                VersionList.version([pipeline, batch, stage, a], root: root),
                VersionList.version([pipeline, batch, stage, b], root: root)
            ).bytes(.compact)
        }
    }

    /// Ends the threads. Waiting queries throw `.unavailable`.
    public func close() { workers.close() }
}

/// How long a query of the files may run. Checked between parts.
struct Allowance: Sendable {
    let flag: CancelFlag
    let deadline: ContinuousClock.Instant

    /// Throws if the result is no longer needed, or the time is up.
    func check() throws(Fault) {
        if flag.isRaised { throw Interruption.cancelled }
        if ContinuousClock.now >= deadline {
            throw Fault(.retryLater, "searching the batch's files takes too long at the moment; try again later")
        }
    }
}
