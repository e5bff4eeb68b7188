internal import Foundation

/// Where the built tools are.
public enum Binaries {
    /// `$NOCTURNE_BIN`, or the folder that this test program was built into, which contains the tools.
    public static let folder: String = {
        if let told = ProcessInfo.processInfo.environment["NOCTURNE_BIN"], !told.isEmpty { return told }
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return program.deletingLastPathComponent().path
    }()

    /// The five tools of the chain, in order.
    public static let chain = ["fetch", "clean", "featurize", "infer", "store"]

    /// The path of a tool.
    public static func path(_ tool: String) -> String { "\(folder)/\(tool)" }
}
