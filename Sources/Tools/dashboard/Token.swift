public import ArgumentParser
public import DashboardServer
import ToolKit

struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes a token: its line for the file on stdout, the token itself on stderr, once.")

    @Argument(help: "Who it is for.")
    var name: String
    @Option(help: "What it allows: viewer (results) or engineer (recordings too).")
    var role: Role

    func run() throws {
        let token = AccessToken()
        ToolMain.print(try TokenFile.line(name: name, role: role, token: token))
        ToolMain.tell("the token of '\(name)', shown this once: \(token.text)")
    }
}

extension Role: ExpressibleByArgument {}
