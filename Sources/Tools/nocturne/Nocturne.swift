import ArgumentParser
import Fault
import Night
import ToolKit

@main
struct Nocturne: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nocturne",
        abstract: "Runs trained audio models over yesterday's recordings, every night, on the machine you own.",
        discussion: """
            nocturne TOOL … runs a tool: fetch, clean, featurize, infer, store, batches. See 'nocturne TOOL --help'.

            EXAMPLES
              nocturne nightly digits
              nocturne stream digits
              nocturne late
              nocturne alerts digits --test
              nocturne backfill digits 2026-03-01 2026-03-31
              nocturne batches list digits

            \(ToolMain.exitStatus)
            """,
        version: "nocturne \(BuildInfo.full)",
        subcommands: [
            Nightly.self, Stream.self, Backfill.self, Late.self, AlertsCommand.self, Stages.self, DefaultBatch.self,
            Ended.self, Waiting.self,
        ])

    static func main() {
        // As git does: the first word names a tool, and everything behind it is the tool's own business.
        let words = Array(CommandLine.arguments.dropFirst())
        if let tool = words.first, let installation = try? Installation() {
            installation.become(tool, Array(words.dropFirst()))
        }
        ToolMain.run(Self.self)
    }
}
