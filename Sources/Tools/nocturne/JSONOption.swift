import ArgumentParser
import Fault
import JSON
import ToolKit

/// Results for programs instead of for people.
struct JSONOption: ParsableArguments {
    @Flag(help: "Prints JSON, one object per line, also about a failure.")
    var json = false

    /// Runs a command's body; with `--json`, a fault is printed as an object as well.
    func reporting(_ body: () throws -> Void) throws {
        do { try body() } catch let fault as Fault {
            if json { ToolMain.print(fault) }
            throw fault
        }
    }

    /// Prints an object, or what a person reads.
    func print(_ object: JSON, orText lines: String...) {
        if json { return ToolMain.print(object.text(.line)) }
        for line in lines { ToolMain.print(line) }
    }
}
