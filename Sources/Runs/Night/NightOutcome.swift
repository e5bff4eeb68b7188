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

    /// The stages that ended badly by themselves, furthest upstream first: failures, then mere stops, then versions that wait
    /// because another one is pinned.
    public var failures: [StageEnding] {
        let own = endings.filter { $0.isBad && !isConsequence($0) }
        let failed = own.filter { !$0.isWaiting }
        return failed.filter { !$0.status.isStop } + failed.filter(\.status.isStop) + own.filter(\.isWaiting)
    }

    /// The cause of the night's failure: of the stages that failed by themselves, the one furthest upstream.
    public var cause: StageEnding? { failures.first ?? endings.first(where: \.isBad) }

    /// The stages that failed because of another.
    public var consequences: [StageEnding] { endings.filter { $0.isBad && isConsequence($0) } }

    /// The night's exit code.
    public var status: ToolExit {
        guard let cause else { return stopped ?? .done }
        return cause.status.isStop || cause.isWaiting ? stopped ?? cause.status : cause.status
    }

    /// Whether nothing is wrong but that newer versions wait because others are pinned: every stage has run.
    public var isWaiting: Bool { stopped == nil && cause?.isWaiting == true }

    /// Whether the night succeeded.
    public var isDone: Bool { status.isDone }

    /// The same outcome, in which every consequence names the stage that failed by itself instead of a neighbour that
    /// failed because of it, and so does each of the stages in `stopped`, which the night asked to stop.
    func blaming(stopped: Set<String>) -> NightOutcome {
        // One that had to be killed because it did not stop does not count as the cause, however far upstream it is.
        let own = failures.filter { !(stopped.contains($0.stage) && $0.wasStopped) }
        guard let cause = own.first, !cause.isWaiting else { return self }
        let order = endings.map(\.stage)
        let blamed = endings.map { ending -> StageEnding in
            if stopped.contains(ending.stage), ending.wasStopped, ending.because == nil {
                return ending.blaming(
                    cause.stage, "stopped because '\(cause.stage)' ended with exit code \(cause.status.code)")
            }
            let root = root(of: ending)
            return root.stage == ending.stage ? ending : ending.blaming(root.stage, ending.message)
        }
        return NightOutcome(blamed, order: order, stopped: self.stopped)
    }

    /// The ending that another one goes back to.
    private func root(of ending: StageEnding) -> StageEnding {
        var root = ending
        // Each step leads upstream; should a pipeline's endings blame each other in a circle, no further than there are
        // stages.
        for _ in endings {
            guard let because = root.because,
                let next = endings.first(where: { $0.stage == because && !$0.letsReadersRun })
            else { break }
            root = next
        }
        return root
    }

    private func isConsequence(_ ending: StageEnding) -> Bool {
        guard let because = ending.because else { return false }
        // A stage that blames one which left it something to read, or which is not part of this night, has only itself to
        // blame.
        return endings.contains { $0.stage == because && !$0.letsReadersRun }
    }
}

extension StageEnding {
    /// Whether the run ended because it was asked to, or was killed because it did not.
    fileprivate var wasStopped: Bool { status.isStop || status == .killed }
}
