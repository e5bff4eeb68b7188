public import BatchFormat
internal import Durable
public import Fault

/// A version as named on the command line: a path, or pipeline, batch, stage and optionally a version.
public struct VersionAddress: Sendable {
    /// The version's folder.
    public let path: String
    /// The folder of its stage, if it was named by its stage and not by its path.
    public let folder: StageFolder?

    /// Parses `PIPELINE BATCH STAGE [VERSION]` or one path; the default version is `current`.
    public init(words: [String], root: String) throws(Fault) {
        switch words.count {
        case 1:
            guard let resolved = Folders.resolved(words[0]) else {
                throw Fault(.missing, "there is no version '\(words[0])'")
            }
            path = resolved
            folder = nil
        case 3, 4:
            let batch = try BatchAddress(root: root, pipeline: words[0], batch: words[1])
            let folder = try batch.stage(words[2])
            self.folder = folder
            if words.count == 4 {
                guard let number = StageFolder.number(words[3]) else {
                    throw Fault(.usage, "'\(words[3])' is not a version (such as v2)")
                }
                path = folder.version(number)
            } else {
                guard let number = folder.current() ?? folder.held() else {
                    throw Self.nothing(in: folder)
                }
                path = folder.version(number)
            }
        default: throw Fault(.usage, "give PIPELINE BATCH STAGE [VERSION], or the path of a version")
        }
    }

    private static func nothing(in folder: StageFolder) -> Fault {
        if let ending = StageEnding(of: folder), ending.isBad {
            return Fault(
                .missing,
                "'\(folder.path)' has no current version; its last run ended with exit code \(ending.status.code): "
                    + ending.message)
        }
        let known = (try? folder.address.stages().map(\.stage)) ?? []
        if known.isEmpty || known.contains(folder.stage) {
            return Fault(.missing, "'\(folder.path)' has no current version")
        }
        return Fault(
            .missing, "'\(folder.address.path)' has no stage '\(folder.stage)'; it has \(known.joined(separator: ", "))"
        )
    }
}
