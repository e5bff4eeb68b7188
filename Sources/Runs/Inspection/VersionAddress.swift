internal import BatchFormat
internal import Durable
public import Fault

/// A version as named on the command line: a path, or pipeline, batch, stage and optionally a version.
public struct VersionAddress: Sendable {
    /// The version's folder.
    public let path: String

    /// Parses `PIPELINE BATCH STAGE [VERSION]` or one path; the default version is `current`.
    public init(words: [String], root: String) throws(Fault) {
        switch words.count {
        case 1:
            guard let resolved = Folders.resolved(words[0]) else {
                throw Fault(.missing, "there is no version '\(words[0])'")
            }
            path = resolved
        case 3, 4:
            let folder = try BatchAddress(root: root, pipeline: words[0], batch: words[1]).stage(words[2])
            if words.count == 4 {
                guard let number = StageFolder.number(words[3]) else {
                    throw Fault(.usage, "'\(words[3])' is not a version (such as v2)")
                }
                path = folder.version(number)
            } else {
                guard let number = folder.current() ?? folder.held() else {
                    throw Fault(.missing, "'\(folder.path)' has no current version")
                }
                path = folder.version(number)
            }
        default: throw Fault(.usage, "give PIPELINE BATCH STAGE [VERSION], or the path of a version")
        }
    }
}
