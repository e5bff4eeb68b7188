/// The section of a stage.
package protocol StageSettings: ConfigSection {
    /// The tool that runs the stages with this kind of section.
    static var tool: StageTool { get }
    /// The stages it reads; empty for fetch.
    var input: [String] { get }
    /// A gate: a version with fewer items is held back.
    var minItems: Int { get }
    /// A gate: a version that rejects a larger share of its items is held back.
    var maxRejectRatio: Double { get }
    /// Seconds that a follower waits for a run of the previous stage, if it differs from `[stream]`.
    var followWait: Double? { get }
}

extension StageSettings {
    package var input: [String] { [] }
    package var followWait: Double? { nil }
}

extension StageTool: ConfigWord {
    /// The section of the stages that this tool runs.
    package var settings: any StageSettings.Type {
        switch self {
        case .fetch: FetchConfig.self
        case .clean: CleanConfig.self
        case .featurize: FeaturizeConfig.self
        case .infer: InferConfig.self
        case .store: StoreConfig.self
        }
    }
}

/// The keys that connect stages; the graph of stages reports errors in them.
enum Wiring {
    static let tool = "tool"
    static let input = "input"
}

// Keys shared by several sections.

extension Key<StageTool> {
    /// The tool that runs the stage.
    static func tool(_ tool: StageTool) -> Self {
        Key(
            Wiring.tool, .word(), default: tool,
            "The tool that runs the stage; required if the stage is not named after it")
    }
}

extension Key<[String]> {
    /// The stages read by a stage of a tool.
    static func input(of tool: StageTool) -> Self {
        let tools = tool.inputTools.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return Key(
            Wiring.input, .texts(.stage), default: tool.defaultInput,
            tool == .store
                ? "The stages whose versions are stored, each run by `infer`"
                : "The stage to read, run by \(tools)")
    }
}

extension Key<Int> {
    /// The gate for too few items.
    static func minItems(default fallback: Int) -> Self {
        Key(
            "min_items", .int(0 ... .max), default: fallback,
            "A gate: a version with fewer items is held back (exit 10)")
    }
}

extension Key<Double> {
    /// The gate for too many rejected items.
    static var maxRejectRatio: Self {
        Key(
            "max_reject_ratio", .number(0...1), default: 0.05,
            "A gate: a version that rejects a larger share of its items is held back (exit 10)")
    }
}

extension Key<Double?> {
    /// How long a follower of the stage waits.
    static var followWait: Self {
        Key(
            "follow_wait", .duration(0...604_800),
            "How long `--follow` waits for a run of the previous stage to start, if it differs from `[stream]`")
    }
}
