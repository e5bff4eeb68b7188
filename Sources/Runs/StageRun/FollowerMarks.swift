internal import BatchFormat
internal import Durable
internal import Fault

/// Tell a stage how far those are who follow it (`.locks/follower-STAGE`).
enum FollowerMarks {
    /// Marks a stage as followed. Each line that is said is the number of parts that the follower is through with.
    static func begin(_ follower: String, of folder: StageFolder) -> PresenceFile? {
        PresenceFile(folder.lockFile(prefix + follower))
    }

    /// How many parts the slowest living follower is through with; `nil` if nobody follows.
    static func slowest(of folder: StageFolder) throws(Fault) -> Int? {
        var slowest: Int?
        let locks = Folders.parent(of: folder.lockFile(prefix))
        guard Folders.isFolder(locks) else { return nil }
        for name in try Folders.names(in: locks) where name.hasPrefix(prefix) {
            guard let seen = PresenceFile.look("\(locks)/\(name)"), seen.isHeld else { continue }
            slowest = min(slowest ?? .max, seen.lines.last.flatMap { Int($0) } ?? 0)
        }
        return slowest
    }

    private static let prefix = "follower-"
}
