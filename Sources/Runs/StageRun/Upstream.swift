public import BatchFormat
internal import Durable
public import Fault
public import PipelineConfig
internal import Time

/// Finds the version that a stage is to read.
public enum Upstream {
    /// Refuses a version that the tool cannot read, which `--input` may name.
    public static func check(_ version: StageInput, isFor tool: StageTool) throws(Fault) {
        let made = version.identity.tool
        let readable = tool.inputTools.map(\.rawValue)
        guard readable.contains(made) else {
            throw Fault(
                .usage,
                "'\(version.path)' is a version of \(made); \(tool.rawValue) reads versions of \(readable.joined(separator: ", "))"
            )
        }
    }

    /// The version at a path given by a person, otherwise the accepted version of the upstream stage.
    ///
    /// A newer version that a gate holds back stops later stages (10): they must not silently use the old one. One that a
    /// person has pinned is read anyway.
    public static func resolve(_ stage: String, request: StageRequest) throws(Fault) -> VersionReader {
        if let input = request.input {
            // Resolved, so that the record names the version and not `current`.
            return try VersionReader(Folders.resolved(input) ?? input)
        }
        let folder = try request.address.stage(stage)
        if let pinned = folder.sealedPin() { return try VersionReader(folder.version(pinned)) }
        if let held = folder.held(), folder.pinned() == nil {
            throw Fault(
                .heldBack,
                "the input '\(folder.version(held))' is held back by a gate; inspect it with 'batches show', accept it "
                    + "with 'batches use', or fix the cause and run '\(stage)' again", origin: .upstream(stage))
        }
        guard let current = folder.current() else {
            throw Fault(
                .missing,
                "'\(folder.path)' has no current version: run '\(stage)' for \(folder.pipeline) \(folder.batch) first",
                origin: .upstream(stage))
        }
        return try VersionReader(folder.version(current))
    }

    /// What a following run reads from a stage.
    enum Followed {
        /// A run is writing this version.
        case growing(Int)
        /// No run is writing; this is the accepted version.
        case sealed(VersionReader)
    }

    /// Waits until it is known which version a follower reads: the one being written or, when that run has ended or
    /// none has started in time, the accepted one.
    ///
    /// In a streamed night, only the night's own run of the stage counts: the old version must never pass for the one that
    /// this night has yet to make. The night starts a follower when that run has marked its beginning, or says that it has
    /// ended. Nothing is decided by clocks, which may differ between machines and may be set back. A pinned version is read
    /// without waiting: no run decides what it is.
    static func follow(
        _ folder: StageFolder, request: StageRequest, context: RunContext
    ) throws(Fault) -> Followed {
        if request.streaming.ended.contains(folder.stage) {
            return .sealed(try resolve(folder.stage, request: request))
        }
        let night = request.streaming.night
        let deadline = MonotonicClock.now() + request.streaming.limits.followWait
        let before = WriterMark.look(at: folder)
        let earlier = before?.isOver == true ? before?.run : nil
        while true {
            if folder.sealedPin() != nil { return .sealed(try resolve(folder.stage, request: request)) }
            let sight = WriterMark.look(at: folder)
            if let sight, night.map({ $0 == sight.run }) ?? (sight.run != earlier) {
                switch sight.state {
                case .writing(let number): return .growing(number)
                case .ended: return .sealed(try resolve(folder.stage, request: request))
                case .died: throw failed(folder.stage)
                case .choosing: break
                }
            } else if night == nil, MonotonicClock.now() >= deadline {
                return .sealed(try resolve(folder.stage, request: request))
            }
            try GrowingPlan.pause(context)
        }
    }

    private static func failed(_ stage: String) -> Fault {
        Fault(
            .retryLater, "a run of '\(stage)' has started and failed; run it again, then this",
            origin: .upstream(stage))
    }

    /// Waits until no run is writing a stage, for a follower that needs the whole version.
    public static func resolveFollowed(
        _ stage: String, request: StageRequest, context: RunContext
    ) throws(Fault) -> VersionReader {
        let folder = try request.address.stage(stage)
        switch try follow(folder, request: request, context: context) {
        case .sealed(let version): return version
        case .growing(let number):
            while WriterMark.look(at: folder)?.state == .writing(number) { try GrowingPlan.pause(context) }
            guard folder.isSealed(number) else { throw unsealed(folder.version(number), by: stage) }
            return try resolve(stage, request: request)
        }
    }

    static func unsealed(_ version: String, by stage: String) -> Fault {
        Fault(
            .retryLater,
            "the run that was writing '\(version)' ended without sealing it; run '\(stage)' again, then this",
            origin: .upstream(stage))
    }
}
