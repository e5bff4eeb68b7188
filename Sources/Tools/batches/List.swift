import ArgumentParser
import BatchFormat
import Fault
import Inspection
import JSON
import ToolKit

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the stages of batches, with their state.")

    @Argument(help: "Only this pipeline.")
    var pipeline: String?
    @Argument(help: "Only this batch.")
    var batch: String?
    @Flag(help: "Prints one JSON object per line.")
    var json = false
    @OptionGroup var root: RootOption

    func run() throws {
        let stages = try BatchList.stages(root: root.path, pipeline: pipeline, batch: batch)
        if json {
            for stage in stages { ToolMain.print(stage.json.text(.line)) }
            return
        }
        var table = TextTable([
            "PIPELINE", "BATCH", "STAGE", "STATE", "VERSION", "ITEMS", "REJECTED", "SIZE", "FINISHED",
            "LAST RUN",
        ])
        for stage in stages {
            table.add([
                stage.folder.pipeline, stage.folder.batch, stage.folder.stage, stage.state,
                (stage.held ?? stage.current).map { "v\($0)" } ?? "-",
                stage.holdsItems ? stage.seal.map { String($0.items) } ?? "" : "",
                stage.holdsItems ? stage.seal.map { String($0.rejected) } ?? "" : "",
                stage.seal.map { HumanSize.text($0.bytes) } ?? "",
                stage.seal?.run.finishedAt.map { String($0.prefix(19)) } ?? "",
                stage.lastRun ?? "",
            ])
        }
        for line in table.lines { ToolMain.print(line) }
    }
}
