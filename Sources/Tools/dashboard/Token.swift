public import ArgumentParser
public import DashboardServer
import ToolKit

struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes a token: prints its line for the file on stdout, and once the token itself on stderr.")

    @Argument(help: "Who it is for.")
    var name: String
    @Option(help: "Its role: viewer (results) or engineer (recordings too).")
    var role: Role

    func run() throws {
        let token = AccessToken()
        ToolMain.print(try TokenFile.line(name: name, role: role, token: token))
        ToolMain.tell("the token of '\(name)', shown this once: \(token.text)")
    }
}

extension Role: ExpressibleByArgument {}
