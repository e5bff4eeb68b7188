import ArgumentParser
import Fault
import JSON
import Night
import PipelineConfig
import Time
import ToolKit

struct Late: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks whether the results that are due exist; run by cron after the due time.",
        discussion: """
            A night that never started cannot report itself. For each pipeline with a [schedule], checks the newest \
            batch that is due; if a stage has no current version, is held back, or the database lacks the results, raises the alert 'night_late' \
            once, as configured in [alerts], and prints a line each time.

            \(exitStatus)
            """)

    private static let exitStatus = ToolExit.help(
        [.heldBack, .missing, .configuration],
        meanings: [
            ToolExit.done.code: "everything that is due exists", Fault.Kind.heldBack.exitCode: "a night is late",
            Fault.Kind.missing.exitCode: "no such pipeline",
            Fault.Kind.configuration.exitCode: "a pipeline's configuration is wrong, or none has a [schedule]",
        ])

    @Argument(help: "The pipelines. (default: all that have a [schedule])")
    var pipelines: [String] = []

    @OptionGroup var output: JSONOption

    func run() throws { try output.reporting(check) }

    private func check() throws {
        let installation = try Installation()
        var code: Int32 = 0
        var isWatching = false
        for name in pipelines.isEmpty ? try PipelineOption.all() : pipelines {
            do throws(Fault) {
                let config = try PipelineOption.load(name)
                // One that is not watched by default is refused if it is named.
                if config.schedule == nil, pipelines.isEmpty { continue }
                isWatching = true
                if try look(at: name, config, installation), code == 0 { code = Fault.Kind.heldBack.exitCode }
            } catch {
                // A pipeline that cannot be checked must not hide that another is late, but it is the worse problem.
                if output.json {
                    ToolMain.print(error, ["pipeline": .string(name)])
                } else {
                    ToolMain.print("\(name): \(error)")
                }
                code = error.kind.exitCode
            }
        }
        if !isWatching, code == 0 {
            throw Fault(
                .configuration,
                "no pipeline in '\(Environment.pipelines)' has a [schedule], so nothing is watched and no night is ever late"
            )
        }
        if code != 0 { throw ExitCode(code) }
    }

    private func look(
        at name: String, _ config: PipelineConfig, _ installation: Installation
    ) throws(Fault) -> Bool {
        guard config.schedule != nil else {
            throw Fault(.configuration, "it has no [schedule], so nothing is ever due")
        }
        let check = LateCheck(on: LocalLauncher(installation), root: Environment.root, settings: .fromEnvironment)
        guard let finding = try check.look(at: config, name: name, now: WallClock.now()) else {
            if output.json {
                ToolMain.print(JSON.object(["pipeline": .string(name), "code": 0, "late": false]).text(.line))
            }
            return false
        }
        output.print(
            [
                "pipeline": .string(name), "batch": .string(finding.batch),
                "code": .int(Int64(Fault.Kind.heldBack.exitCode)), "late": true, "due": .string(finding.due),
                "state": .string(finding.state), "new": .bool(finding.isNew),
                "warnings": .array(finding.warnings.map { .string($0) }),
            ],
            orText: "\(name) \(finding.batch): late, due at \(finding.due): \(finding.state)"
                + (finding.isNew ? "" : " (reported before)"))
        if !output.json { for warning in finding.warnings { ToolMain.print("warning: \(warning)") } }
        return true
    }
}
