internal import Glibc

/// The environment variables of the tools. Libraries never read the environment; tools pass values down.
public enum Environment {
    /// The value of a variable; an empty one counts as unset.
    public static func value(_ name: String) -> String? {
        guard let text = getenv(name), text.pointee != 0 else { return nil }
        return String(cString: text)
    }

    /// Where batches are kept: `NOCTURNE_ROOT`, otherwise `data` in the working directory.
    public static var root: String { value("NOCTURNE_ROOT") ?? "data" }
    /// Where pipelines are kept: `NOCTURNE_PIPELINES`, otherwise `pipelines` in the working directory.
    public static var pipelines: String { value("NOCTURNE_PIPELINES") ?? "pipelines" }
    /// Where models are kept: `NOCTURNE_MODELS`, otherwise `models` beside the pipelines.
    public static var models: String { value("NOCTURNE_MODELS") ?? "\(pipelines)/models" }

    /// Where knowledge about this machine is cached, which is relearnt if lost: `NOCTURNE_CACHE`, otherwise `nocturne`
    /// in `XDG_CACHE_HOME` or `~/.cache`; `nil` if none of them is set.
    public static var cache: String? {
        if let folder = value("NOCTURNE_CACHE") { return folder }
        return (value("XDG_CACHE_HOME") ?? value("HOME").map { "\($0)/.cache" }).map { "\($0)/nocturne" }
    }

    /// All variables, for code that follows other tools' conventions (the AWS credential chain).
    public static var all: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if let equals = line.firstIndex(of: "=") {
                variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }
}
