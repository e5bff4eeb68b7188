internal import BatchFormat
internal import Durable
internal import Fault

/// Tell a stage how far its followers are (`.locks/follower-STAGE`).
enum FollowerMarks {
    /// Marks a stage as followed. Each line is the number of parts that the follower has sealed.
    static func begin(_ follower: String, of folder: StageFolder) -> PresenceFile? {
        PresenceFile(folder.lockFile(prefix + follower))
    }

    /// How many parts each running follower has sealed, by the follower's name.
    static func progress(of folder: StageFolder) throws(Fault) -> [String: Int] {
        var progress: [String: Int] = [:]
        let locks = Folders.parent(of: folder.lockFile(prefix))
        guard Folders.isFolder(locks) else { return [:] }
        for name in try Folders.names(in: locks) where name.hasPrefix(prefix) {
            guard let seen = PresenceFile.look("\(locks)/\(name)"), seen.isHeld else { continue }
            progress[String(name.dropFirst(prefix.count))] = seen.lines.last.flatMap { Int($0) } ?? 0
        }
        return progress
    }

    private static let prefix = "follower-"
}
