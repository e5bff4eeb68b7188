import ArgumentParser
import BatchFormat
import Fault
import JSON
import Night
import PipelineConfig
import Processes
import ToolKit

struct Backfill: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the missing nights of a range of days, one after the other.",
        discussion: """
            A day exists if the last stage's version is current and its database has the results. A day that fails does not stop the others; \
            the first failing day's exit code is the command's.

            \(ToolMain.exitStatus)
            """)

    @OptionGroup var pipeline: PipelineOption
    @Argument(help: "The first day, such as 2026-03-01.")
    var from: String
    @Argument(help: "The last day, such as 2026-03-31.")
    var to: String
    @Flag(help: "Also runs days that already exist.")
    var all = false
    @OptionGroup var way: OrderOption
    @OptionGroup var beginning: FromOption
    @OptionGroup var output: JSONOption

    func run() throws { try output.reporting(fill) }

    private func fill() throws {
        let config = try pipeline.load()
        let installation = try Installation()
        var first: Int32 = 0
        for day in try Days.range(from: from, to: to) {
            if try !all && isThere(day, config, installation) {
                output.print(
                    ["pipeline": .string(pipeline.pipeline), "batch": .string(day), "code": 0, "exists": true],
                    orText: "\(pipeline.pipeline) \(day): already exists")
                continue
            }
            try StopFlag.check()
            let plan = try NightPlan(
                config, name: pipeline.pipeline, batch: day, root: Environment.root, purpose: .backfill,
                order: way.order, from: beginning.stage, isQuiet: true)
            let night = try NightRunner(plan, config, on: LocalLauncher(installation), settings: .fromEnvironment)
            let code: Int32
            do throws(Fault) {
                let report = try night.run()
                output.print(report.json, orText: report.verdict)
                if !output.json { for warning in report.warnings { ToolMain.print("warning: \(warning)") } }
                code = report.outcome.status.code
            } catch {
                if output.json {
                    ToolMain.print(error, ["pipeline": .string(pipeline.pipeline), "batch": .string(day)])
                } else {
                    ToolMain.print("\(pipeline.pipeline) \(day): \(error)")
                }
                code = error.kind.exitCode
            }
            if first == 0 { first = code }
        }
        if first != 0 { throw ExitCode(first) }
    }

    private func isThere(
        _ day: String, _ config: PipelineConfig, _ installation: Installation
    ) throws(Fault) -> Bool {
        guard let last = config.stages.last else { return false }
        let folder = try BatchAddress(root: Environment.root, pipeline: pipeline.pipeline, batch: day).stage(last.stage)
        guard folder.current() != nil && folder.held() == nil else { return false }
        let plan = try NightPlan(
            config, name: pipeline.pipeline, batch: day, root: Environment.root, purpose: .backfill, order: .sequential)
        return StoredCheck(plan, on: LocalLauncher(installation)).problem() == nil
    }
}
