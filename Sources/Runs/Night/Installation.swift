internal import Durable
public import Fault
internal import Glibc

/// Where the tools are: beside this program in a build folder, or under a prefix.
public struct Installation: Sendable {
    /// The folder of the tools.
    public let tools: String

    /// Finds the tools by the running program's own location.
    public init() throws(Fault) {
        guard let path = Folders.resolved("/proc/self/exe") else {
            throw Fault(.defect, "cannot find out where this program is")
        }
        let folder = Folders.parent(of: path)
        let installed = "\(Folders.parent(of: folder))/libexec/nocturne"
        tools = Folders.isFolder(installed) ? installed : folder
    }

    /// The names of the installed tools.
    public func toolNames() throws(Fault) -> [String] {
        try Folders.names(in: tools).filter { Self.known.contains($0) }
    }

    private static let known: Set<String> = [
        "fetch", "clean", "featurize", "infer", "store", "batches", "models", "check", "dashboard", "plan",
    ]

    /// Replaces this process with a tool; returns only if there is no such tool.
    public func become(_ tool: String, _ arguments: [String]) {
        let path = "\(tools)/\(tool)"
        guard Self.known.contains(tool), access(path, X_OK) == 0 else { return }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        execv(path, words)
    }
}
