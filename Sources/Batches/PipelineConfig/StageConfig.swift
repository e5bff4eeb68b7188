package import Fault
public import JSON

/// One stage of a pipeline: how it is connected, and its typed section with all defaults.
public struct StageConfig: Sendable {
    /// The stage's name.
    public let stage: String
    /// The tool that runs it.
    public let kind: StageTool
    /// The stages it reads, in the pipeline's order; empty for fetch.
    public let inputs: [String]
    /// The section: an `InferConfig` for a stage that `infer` runs.
    package let settings: any StageSettings
    /// The section's values in normal form, for the record, which distinguishes an omitted key from an empty one.
    private let values: JSONObject

    /// Makes a stage from validated values; inputs are the stage's own unless they were wrong.
    init(stage: String, kind: StageTool, values: JSONObject) {
        self.stage = stage
        self.kind = kind
        self.values = values
        settings = kind.settings.init(accepted: values)
        inputs = values[Wiring.input] == nil ? [] : settings.input
    }

    /// The name of the tool that runs it.
    public var tool: String { kind.rawValue }

    /// The section, as the type of the given tool.
    ///
    /// - Throws: `.usage` if another tool runs the stage.
    package func settings<Settings: StageSettings>(as _: Settings.Type = Settings.self) throws(Fault) -> Settings {
        guard let settings = settings as? Settings else {
            throw Fault(.usage, "the stage '\(stage)' is run by \(tool), not by \(Settings.tool.rawValue)")
        }
        return settings
    }
}

extension StageConfig {
    /// Every key that applies, as recorded in `run.json`: sizes in bytes, time spans in seconds, percentages as
    /// fractions, URLs without users and secrets.
    public var effective: JSONObject { schema.recorded(values) }

    /// The keys that can change bytes of the result, in the same form: they are part of the keys of the stage's parts.
    public var resultBearing: JSONObject { schema.recorded(values) { $0.changesBytes } }

    private var schema: SectionSchema { kind.settings.schema }
}
