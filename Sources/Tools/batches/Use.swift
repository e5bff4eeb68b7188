import ArgumentParser
import BatchFormat
import Fault
import Inspection
import JSON
import ToolKit

struct Use: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pins current to a version, or makes it follow the runs again (--unpin).",
        usage: "batches use PIPELINE BATCH STAGE VERSION\nbatches use PIPELINE BATCH STAGE --unpin")

    @Argument(help: "The pipeline.")
    var pipeline: String
    @Argument(help: "The batch.")
    var batch: String
    @Argument(help: "The stage.")
    var stage: String
    @Argument(help: "The version, such as v2.")
    var version: String?
    @Flag(help: "Makes current follow the runs again, starting with the next one.")
    var unpin = false
    @Flag(help: "Prints one JSON object, also about a failure.")
    var json = false
    @OptionGroup var root: RootOption

    func run() throws {
        do { try pin() } catch let fault as Fault {
            if json { ToolMain.print(fault) }
            throw fault
        }
    }

    private func pin() throws {
        let folder = try BatchAddress(root: root.path, pipeline: pipeline, batch: batch).stage(stage)
        if unpin {
            try Pinning.unpin(folder)
            return answer(folder, "\(folder.path)/current follows the runs again")
        }
        guard let version, let number = StageFolder.number(version) else {
            throw Fault(.usage, "use takes a version such as v2, or --unpin")
        }
        try Pinning.use(number, in: folder)
        answer(folder, folder.version(number))
    }

    private func answer(_ folder: StageFolder, _ text: String) {
        guard json else { return ToolMain.print(text) }
        let object: JSON = [
            "pipeline": .string(folder.pipeline), "batch": .string(folder.batch), "stage": .string(folder.stage),
            "current": folder.current().map { .string("v\($0)") } ?? .null,
            "pinned": folder.pinned().map { .string("v\($0)") } ?? .null,
        ]
        ToolMain.print(object.text(.line))
    }
}
