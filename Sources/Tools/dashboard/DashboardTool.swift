import ArgumentParser
import DashboardServer
import Fault
import ToolKit

@main
struct DashboardTool: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "dashboard", abstract: "Shows results.")
    func run() throws {}
    static func main() { ToolMain.run(Self.self) }
}
