public import BatchFormat
public import Fault

/// How the stages of a night ended, and which of them is the cause if the night failed.
///
/// The cause follows from the endings alone, never from the order in which they were noticed: a stage that ends because
/// of another may be seen first.
public struct NightOutcome: Sendable, Equatable {
    /// The endings of the stages that were started, in the order of the pipeline.
    public let endings: [StageEnding]
    /// What stopped the whole night, if anything.
    public let stopped: ToolExit?

    /// Judges a night.
    ///
    /// - Parameters:
    ///   - endings: the endings of the stages that were started, in any order.
    ///   - order: the pipeline's stages, each after those it reads.
    ///   - stopped: what stopped the night itself; it decides the night's code unless a stage failed by itself.
    public init(_ endings: [StageEnding], order: [String], stopped: ToolExit? = nil) {
        self.endings = order.compactMap { stage in endings.first { $0.stage == stage } }
        self.stopped = stopped
    }

    /// The stages that failed by themselves, furthest upstream first, failures before mere stops.
    public var failures: [StageEnding] {
        let own = endings.filter { $0.isBad && !isConsequence($0) }
        return own.filter { !$0.status.isStop } + own.filter(\.status.isStop)
    }

    /// The cause of the night's failure: of the stages that failed by themselves, the one furthest upstream.
    public var cause: StageEnding? { failures.first ?? endings.first(where: \.isBad) }

    /// The stages that failed because of another.
    public var consequences: [StageEnding] { endings.filter { $0.isBad && isConsequence($0) } }

    /// The night's exit code.
    public var status: ToolExit {
        guard let cause else { return stopped ?? .done }
        return cause.status.isStop ? stopped ?? cause.status : cause.status
    }

    /// Whether the night succeeded.
    public var isDone: Bool { status.isDone }

    private func isConsequence(_ ending: StageEnding) -> Bool {
        guard let because = ending.because else { return false }
        // A stage that blames one which ended well, or which is not part of this night, has only itself to blame.
        return endings.contains { $0.stage == because && $0.isBad }
    }
}
