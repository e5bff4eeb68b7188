import ArgumentParser
import Fault
import Night
import PipelineConfig
import Time
import ToolKit

struct Late: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks whether the results that are due exist; run by cron after the due time.",
        discussion: """
            A night that never started cannot report itself. For each pipeline with a [schedule], checks the newest \
            batch that is due; if a stage has no current version, or is held back, raises the alert 'night_late' \
            once, as configured in [alerts], and prints a line each time.

            \(exitStatus)
            """)

    private static let exitStatus = ToolExit.help(
        [.heldBack, .missing, .configuration],
        meanings: [
            ToolExit.done.code: "everything that is due exists", Fault.Kind.heldBack.exitCode: "a night is late",
            Fault.Kind.missing.exitCode: "no such pipeline",
            Fault.Kind.configuration.exitCode: "a pipeline's configuration is wrong, or it has no [schedule]",
        ])

    @Argument(help: "The pipelines. (default: all that have a [schedule])")
    var pipelines: [String] = []

    func run() throws {
        let installation = try Installation()
        var code: Int32 = 0
        for name in pipelines.isEmpty ? try PipelineOption.all() : pipelines {
            do throws(Fault) {
                if try look(at: name, installation), code == 0 { code = Fault.Kind.heldBack.exitCode }
            } catch {
                // A pipeline that cannot be checked must not hide that another is late, but it is the worse problem.
                ToolMain.print("\(name): \(error)")
                code = error.kind.exitCode
            }
        }
        if code != 0 { throw ExitCode(code) }
    }

    private func look(at name: String, _ installation: Installation) throws(Fault) -> Bool {
        let config = try PipelineOption.load(name)
        guard config.schedule != nil else {
            if pipelines.isEmpty { return false }
            throw Fault(.configuration, "it has no [schedule], so nothing is ever due")
        }
        let check = LateCheck(on: LocalLauncher(installation), root: Environment.root, settings: .fromEnvironment)
        guard let finding = try check.look(at: config, name: name, now: WallClock.now()) else { return false }
        ToolMain.print(
            "\(name) \(finding.batch): late, due at \(finding.due): \(finding.state)"
                + (finding.isNew ? "" : " (reported before)"))
        for warning in finding.warnings { ToolMain.print("warning: \(warning)") }
        return true
    }
}
