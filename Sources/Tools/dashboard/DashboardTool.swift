import ArgumentParser
import ToolKit

@main
struct DashboardTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Serves results to browsers: a page, and the JSON API behind it.",
        discussion: """
            EXAMPLES
              dashboard --database sqlite:data/nocturne.db --root data
              dashboard --listen 0.0.0.0:8080 --tokens /etc/nocturne/tokens
              dashboard token anna --role viewer >>/etc/nocturne/tokens

            \(ToolMain.exitStatus)
            """,
        version: "dashboard \(BuildInfo.full)",
        subcommands: [Serve.self, Token.self], defaultSubcommand: Serve.self)

    static func main() { ToolMain.run(Self.self) }
}
