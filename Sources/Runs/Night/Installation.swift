internal import Durable
public import Fault
internal import Glibc

/// Where the tools and the night's rules are: beside this program in a build folder, or under a prefix.
public struct Installation: Sendable {
    /// The folder of the tools.
    public let tools: String
    /// The night's rules for make.
    public let rules: String
    /// The path of this program.
    public let front: String

    /// Looks from the running program's own place.
    public init() throws(Fault) {
        guard let path = Folders.resolved("/proc/self/exe") else {
            throw Fault(.defect, "cannot tell where this program is")
        }
        front = path
        let folder = Folders.parent(of: path)
        let installed = "\(Folders.parent(of: folder))/libexec/nocturne"
        if Folders.isFolder(installed) {
            tools = installed
            rules = "\(Folders.parent(of: folder))/share/nocturne/night.mk"
        } else {
            // .build/release/nocturne, where `release` is a link that has been resolved to .build/TRIPLE/release.
            tools = folder
            var at = folder
            while at != "/", !Folders.exists("\(at)/pipelines/night.mk") { at = Folders.parent(of: at) }
            rules = "\(at)/pipelines/night.mk"
        }
        guard Folders.exists(rules) else { throw Fault(.missing, "the night's rules are not at '\(rules)'") }
    }

    /// The names of the tools that are there.
    public func toolNames() throws(Fault) -> [String] {
        try Folders.names(in: tools).filter { Self.known.contains($0) }
    }

    private static let known: Set<String> = [
        "fetch", "clean", "featurize", "infer", "store", "batches", "models", "check", "dashboard", "plan",
    ]

    /// Becomes a tool; returns only if there is none of that name.
    public func become(_ tool: String, _ arguments: [String]) {
        let path = "\(tools)/\(tool)"
        guard Self.known.contains(tool), access(path, X_OK) == 0 else { return }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        execv(path, words)
    }
}
