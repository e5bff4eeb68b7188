import ArgumentParser
import BatchFormat
import Durable
import Fault
import PipelineConfig
import ToolKit

/// The pipeline that a subcommand is about.
struct PipelineOption: ParsableArguments {
    @Argument(help: "The pipeline: a folder in pipelines/ with its pipeline.toml.")
    var pipeline: String

    func load() throws(Fault) -> PipelineConfig { try Self.load(pipeline) }

    static func load(_ name: String) throws(Fault) -> PipelineConfig {
        try Names.check(name, "pipeline")
        return try PipelineConfig.load(file: file(of: name), name: name)
    }

    /// The names of all pipelines, in the order of their bytes.
    static func all() throws(Fault) -> [String] {
        try Folders.names(in: Environment.pipelines).filter {
            (try? Names.check($0, "pipeline")) != nil && Folders.exists(file(of: $0))
        }
    }

    private static func file(of name: String) -> String { "\(Environment.pipelines)/\(name)/pipeline.toml" }
}
