import ArgumentParser
import BatchFormat
import Fault
import PipelineConfig
import StageRun
import ToolKit

/// The pipeline that a subcommand is about.
struct PipelineOption: ParsableArguments {
    @Argument(help: "The pipeline: a folder in pipelines/ with its pipeline.toml.")
    var pipeline: String

    func load() throws(Fault) -> PipelineConfig {
        try Names.check(pipeline, "pipeline")
        return try PipelineConfig.load(file: "\(Environment.pipelines)/\(pipeline)/pipeline.toml", name: pipeline)
    }
}
