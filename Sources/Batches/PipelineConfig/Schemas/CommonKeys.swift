import TOMLText

/// Keys that mean the same in every stage's section.
enum CommonKeys {
    static let maxRejectRatio = KeySchema(
        "max_reject_ratio", .number(0...1), default: 0.05,
        "A gate: a version that rejects a larger share of its items is held back (exit 10)")

    static func minItems(default fallback: TOMLNode) -> KeySchema {
        KeySchema(
            "min_items", .int(0 ... .max), default: fallback,
            "A gate: a version with fewer items is held back (exit 10)")
    }

    static let followWait = KeySchema(
        "follow_wait", .duration(0...604_800),
        "How long `--follow` waits for a run of the stage before to begin, if not as long as `[stream]` says")

    /// What every section but `[fetch]` starts with.
    static func wiring(tool: StageTool) -> [KeySchema] {
        [
            KeySchema(
                "tool", .oneOf(StageTool.allCases.map(\.rawValue)), default: .string(tool.rawValue),
                "The tool that runs the stage; needed where the stage is not named after it"),
            KeySchema(
                "input", .texts(.stage), default: tool.defaultInput.map { .string($0) },
                tool == .store
                    ? "The stages whose versions are stored, each run by `infer`"
                    : "The stage that is read, run by \(tool.inputTools.map { "`\($0.rawValue)`" }.joined(separator: ", "))"
            ),
        ]
    }
}
