internal import Foundation
public import Glibc

/// What any user of the machine can see of its processes, as with `ps`.
public enum ProcessTable {
    /// The processes that descend from one, zombies left out.
    public static func descendants(of ancestor: pid_t) throws -> [pid_t] {
        let parents = try all().compactMap { pid in parent(of: pid).map { (pid, $0) } }
        var found: [pid_t] = []
        var wanted = [ancestor]
        while !wanted.isEmpty {
            let children = parents.filter { wanted.contains($0.1) }.map(\.0)
            found += children
            wanted = children
        }
        return found
    }

    /// The command lines of all other processes, with arguments separated by spaces.
    public static func commandLines() throws -> [String] {
        try all().filter { $0 != getpid() }.map { text("\($0)/cmdline").replacingOccurrences(of: "\0", with: " ") }
    }

    /// Whether there is such a process, other than a zombie.
    public static func isRunning(_ pid: pid_t) -> Bool { parent(of: pid) != nil }

    /// The environment that a process was started with.
    public static func environment(of pid: pid_t) -> String { text("\(pid)/environ") }

    /// The files that a process has open.
    public static func openFiles(of pid: pid_t) throws -> [String] {
        let folder = "/proc/\(pid)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
    }

    private static func all() throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
    }

    private static func parent(of pid: pid_t) -> pid_t? {
        // The command's name is in parentheses and may contain anything; state and parent follow it.
        let fields = text("\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 1 && fields[0] != "Z" ? pid_t(fields[1]) : nil
    }

    /// A process may end meanwhile, and then has no text.
    private static func text(_ name: String) -> String {
        FileManager.default.contents(atPath: "/proc/\(name)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
