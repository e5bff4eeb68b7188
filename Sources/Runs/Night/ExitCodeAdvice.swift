public import Fault

/// What an exit code means for a night, and what to do: ``ToolExit``, and what only a whole night can tell.
public struct ExitCodeAdvice: Sendable, Equatable {
    /// What happened.
    public let meaning: String
    /// What to do about it.
    public let remedy: String

    /// The advice for a code.
    ///
    /// - Parameters:
    ///   - stage: the stage that ended with it, which may give more detail than the code.
    ///   - made: how many stages a successful night has made, if known.
    public init(_ status: ToolExit, of stage: StageFigures? = nil, made: Int? = nil) {
        if status.isDone {
            (meaning, remedy) = Self.success(made)
        } else if status.kind == .heldBack, let stage, !stage.isHeld, let pinned = stage.pinned {
            let other = stage.waiting.map { "v\($0)" } ?? "another version"
            meaning =
                "\(other) of \(stage.stage) waits, because current is pinned by hand to v\(pinned), which the stages after it read"
            remedy =
                "accept it with 'batches use', or make current follow the runs again with "
                + "'batches use … \(stage.stage) --unpin', and run again"
        } else {
            (meaning, remedy) = (status.meaning, status.remedy)
        }
    }

    /// The advice after a night that ended well, while a version that another run made is held back.
    init(held stage: StageFigures) {
        meaning = "every stage ended well, but \(stage.stage) v\(stage.number ?? 0) is held back"
        remedy = ToolExit(.heldBack).remedy
    }

    private static func success(_ made: Int?) -> (String, String) {
        switch made {
        case nil: ("every stage is sealed and current", ToolExit.done.remedy)
        case 0: ("every stage was already sealed and current", "nothing needed to be made")
        case 1: ("every stage is sealed and current, 1 stage was made", ToolExit.done.remedy)
        case let made?: ("every stage is sealed and current, \(made) stages were made", ToolExit.done.remedy)
        }
    }
}
