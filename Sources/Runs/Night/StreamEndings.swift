/// How the stages of a stream ended, and which of them is to blame if it failed.
package struct StreamEndings {
    private let stages: [String]
    private var codes: [String: Int32] = [:]
    /// Those that had failed when the first failure was seen. What comes later may be its consequence: the others are stopped.
    private var suspects: Set<String> = []

    /// Whether a stage has failed.
    package var hasFailed: Bool { suspects.contains(where: isFailure) }

    /// No stage has ended yet.
    ///
    /// - Parameter stages: the stages in the pipeline's order.
    package init(stages: [String]) { self.stages = stages }

    /// Takes note of the exit codes of stages that have ended since the last call.
    package mutating func note(_ ended: [String: Int32]) {
        codes.merge(ended) { $1 }
        if !hasFailed { suspects.formUnion(ended.filter { $0.value != 0 }.keys) }
    }

    /// The exit code of the stage that is to blame, with its name; 0 if all went well.
    package var ending: NightReport.Ending {
        let failed = stages.filter { codes[$0, default: 0] != 0 }
        var blamed = failed.first { suspects.contains($0) && isFailure($0) } ?? failed.first
        if let follower = blamed, codes[follower] == 75 {
            // A follower may see that the stage before it has died before we do.
            blamed =
                failed.prefix { $0 != follower }
                .first { codes[$0] != 75 && (suspects.contains($0) || isFailure($0)) } ?? follower
        }
        return NightReport.Ending(code: blamed.flatMap { codes[$0] } ?? 0, stage: blamed)
    }

    /// Whether a stage has failed by itself. One that was stopped by a signal has not: that is how a watch is ended before its
    /// time, and the stages after it finish what it has left.
    private func isFailure(_ stage: String) -> Bool { ![0, 130, 143].contains(codes[stage, default: 0]) }
}
