public import ArgumentParser
internal import CSyscalls
internal import Durable
public import Fault
internal import Glibc
public import JSON
internal import Processes
internal import Workers

/// How every tool starts and ends: parsing, running, and a single place where an error becomes an exit code.
public enum ToolMain {
    /// Parses the process's arguments, runs the command, and exits.
    public static func run<Command: ParsableCommand>(_ type: Command.Type) -> Never {
        CoreDumps.forbid()
        // The C library's default, eight heaps per processor, lets memory grow with every thread that comes and goes.
        mallopt(M_ARENA_MAX, Int32(clamping: max(2, Processors.count)))
        Signals.install()
        let name = Command._commandName
        if let lifeline = InheritedLifeline() {
            if lifeline.hasEnded {
                end(name, Fault(.terminated, "the night that this run was started for has ended"))
            }
            // Never joined: it ends with the process.
            _ = WorkerThread {
                lifeline.waitForEnd()
                StopFlag.raiseByStarter()
            }
        }
        if let plan = Environment.value("NOCTURNE_FAULT"), !FaultInjection.arm(plan) {
            end(name, Fault(.usage, "NOCTURNE_FAULT is not a plan: \(plan)"))
        }
        do {
            var command = try Command.parseAsRoot()
            try command.run()
        } catch let fault as Fault {
            end(name, fault)
        } catch {
            // Usage errors (64), --help and --version (0): the parser knows its own codes.
            let code = Command.exitCode(for: error).rawValue
            var text = Command.fullMessage(for: error)
            if text.hasPrefix("Error: ") { text = "\(name): \(text.dropFirst("Error: ".count).lowercasedFirst)" }
            if !text.isEmpty { (code == 0 ? StandardStream.output : .error).write(text + "\n") }
            finish(name, code: code)
        }
        finish(name, code: 0)
    }

    private static func end(_ name: String, _ fault: Fault) -> Never {
        StandardStream.error.write("\(name): \(fault)\n")
        exit(fault.kind.exitCode)
    }

    /// Ends the process; output that could not be written must not look like success.
    private static func finish(_ name: String, code: Int32) -> Never {
        var failure = StandardStream.failure
        if failure == 0, close(1) != 0, errno != EBADF { failure = errno }
        if failure == EPIPE {
            // The reader closed the pipe (`| head -1`), which is not an error of the disk; the work is done.
            if code == 0 { Signals.endByClosedPipe() }
            exit(code)
        }
        if failure != 0 {
            StandardStream.error.write(
                "\(name): cannot write to standard output: \(String(cString: strerror(failure)))\n")
            exit(Fault.Kind.disk.exitCode)
        }
        exit(code)
    }

    /// Writes a line to standard output.
    public static func print(_ line: String) { StandardStream.output.write(line + "\n") }

    /// Writes a fault to standard output as one JSON object, for commands with `--json`.
    ///
    /// - Parameter members: what else the object says, before the fault.
    public static func print(_ fault: Fault, _ members: JSONObject = [:]) {
        var object = members
        object["code"] = .int(Int64(fault.kind.exitCode))
        object["kind"] = .string("\(fault.kind)")
        object["message"] = .string("\(fault)")
        print(JSON.object(object).text(.line))
    }

    /// Writes a line to standard error.
    public static func tell(_ line: String) { StandardStream.error.write(line + "\n") }

    /// The exit codes, for the end of every tool's help.
    public static let exitStatus = ToolExit.help()
}

extension Substring {
    /// The text with a lower-case first letter, as in messages.
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
