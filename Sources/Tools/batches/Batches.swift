import ArgumentParser
import ToolKit

@main
struct Batches: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batches",
        abstract: "Looks at batches: lists, shows, verifies and compares versions, and points current at one.",
        discussion: """
            EXAMPLES
              batches list digits
              batches show digits 2026-11-20 infer
              batches verify digits 2026-11-20
              batches diff digits 2026-11-20 infer v1 v2
              batches use digits 2026-11-20 clean v2

            \(ToolMain.exitStatus)
            """,
        version: "batches \(BuildInfo.full)",
        subcommands: [List.self, Show.self, Verify.self, Diff.self, Use.self])

    static func main() { ToolMain.run(Self.self) }
}

/// What every subcommand takes.
struct RootOption: ParsableArguments {
    @Option(help: ArgumentHelp("Where batches are kept. (default: $NOCTURNE_ROOT, else data)", valueName: "dir"))
    var root: String?

    var path: String { root ?? Environment.root }
}
