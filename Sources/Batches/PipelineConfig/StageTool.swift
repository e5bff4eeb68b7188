/// A tool that can run a stage, in the order of the chain.
public enum StageTool: String, Sendable, CaseIterable {
    /// Downloads recordings and their metadata.
    case fetch
    /// Decodes, resamples and validates.
    case clean
    /// Makes features.
    case featurize
    /// Runs a model.
    case infer
    /// Loads results into a database.
    case store

    /// The default input stages of a stage of this tool.
    var defaultInput: [String] {
        switch self {
        case .fetch: []
        case .clean: ["fetch"]
        case .featurize: ["clean"]
        case .infer: ["featurize"]
        case .store: ["infer"]
        }
    }

    /// The tools whose stages a stage of this tool can read.
    public var inputTools: [StageTool] {
        switch self {
        case .fetch: []
        case .clean: [.fetch]
        case .featurize: [.clean]
        case .infer: [.featurize, .clean, .infer]
        case .store: [.infer]
        }
    }
}
