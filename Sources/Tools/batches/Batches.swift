import ArgumentParser
import ToolKit

@main
struct Batches: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batches",
        abstract: "Lists and verifies batches, compares versions, selects the current one, and removes old ones.",
        discussion: """
            EXAMPLES
              batches list digits
              batches show digits 2026-11-20 infer
              batches verify digits 2026-11-20
              batches diff digits 2026-11-20 infer v1 v2
              batches use digits 2026-11-20 clean v2
              batches gc digits --keep 2 --raw-days 90 --dry-run

            \(ToolMain.exitStatus)
            """,
        version: "batches \(BuildInfo.full)",
        subcommands: [List.self, Show.self, Verify.self, Diff.self, Use.self, GC.self])

    static func main() { ToolMain.run(Self.self) }
}

/// Options of every subcommand.
struct RootOption: ParsableArguments {
    @Option(help: ArgumentHelp("Where batches are kept. (default: $NOCTURNE_ROOT, else data)", valueName: "dir"))
    var root: String?

    var path: String { root ?? Environment.root }
}
