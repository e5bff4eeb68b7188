/// The control group of this process, as far as it limits memory (cgroups(7); version 2, or the memory controller of
/// version 1).
struct ControlGroup {
    /// The version whose layout a folder has.
    enum Version { case one, two }

    let version: Version
    /// The group's folder and the parents that may limit it too, innermost first.
    let folders: [String]

    /// Finds the process's own group; `nil` where there are no control groups.
    ///
    /// If a mount shows only part of the tree, as in a container, the kernel's path may not exist below the mount; the
    /// mount's root is then the group.
    static func find(_ system: SystemText) -> ControlGroup? {
        guard let groups = system.text("/proc/self/cgroup"), let mounts = system.text("/proc/self/mountinfo") else {
            return nil
        }
        var paths: (one: String?, two: String?) = (nil, nil)
        for line in groups.split(separator: "\n") {
            // hierarchy-ID:controllers:path
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[1].split(separator: ",").contains("memory") { paths.one = String(fields[2]) }
            if fields[0] == "0" && fields[1].isEmpty { paths.two = String(fields[2]) }
        }
        // If version 1's controller is mounted, use it: version 2 then has no memory controller.
        if let path = paths.one, let mount = mountPoint(in: mounts, type: "cgroup", option: "memory") {
            return ControlGroup(.one, path, below: mount, file: "memory.limit_in_bytes", system)
        }
        if let path = paths.two, let mount = mountPoint(in: mounts, type: "cgroup2", option: nil) {
            return ControlGroup(.two, path, below: mount, file: "cgroup.procs", system)
        }
        return nil
    }

    private init?(_ version: Version, _ path: String, below mount: String, file: String, _ system: SystemText) {
        self.version = version
        var folders: [String] = []
        var steps = path.split(separator: "/").map(String.init)
        while true {
            let folder = ([mount] + steps).joined(separator: "/")
            if system.text("\(folder)/\(file)") != nil { folders.append(folder) }
            guard !steps.isEmpty else { break }
            steps.removeLast()
        }
        guard !folders.isEmpty else { return nil }
        self.folders = folders
    }

    private static func mountPoint(in mounts: String, type: String, option: String?) -> String? {
        for line in mounts.split(separator: "\n") {
            // 35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
            let halves = line.components(around: " - ")
            guard let halves else { continue }
            let (before, after) = (halves.0.split(separator: " "), halves.1.split(separator: " "))
            guard before.count >= 5, after.count >= 3, after[0] == type else { continue }
            if let option, !after[2].split(separator: ",").contains(Substring(option)) { continue }
            return String(before[4])
        }
        return nil
    }

    /// The memory limit of a folder's group in bytes; `nil` if there is none.
    func limit(of folder: String, _ system: SystemText) -> Int? {
        switch version {
        case .two: system.number("\(folder)/memory.max")
        // Version 1 says "no limit" with a number near the largest possible.
        case .one: system.number("\(folder)/memory.limit_in_bytes").flatMap { $0 < Int.max / 2 ? $0 : nil }
        }
    }

    /// The memory used by a folder's group in bytes, without the file pages that the kernel would drop first.
    func used(in folder: String, _ system: SystemText) -> Int? {
        let (usage, inactive) =
            version == .two ? ("memory.current", "inactive_file") : ("memory.usage_in_bytes", "total_inactive_file")
        guard let used = system.number("\(folder)/\(usage)") else { return nil }
        return max(0, used - (system.counters("\(folder)/memory.stat")[inactive] ?? 0))
    }
}

extension Substring {
    fileprivate func components(around separator: String) -> (Substring, Substring)? {
        let (text, mark) = (Array(utf8), Array(separator.utf8))
        guard text.count >= mark.count else { return nil }
        for start in 0...(text.count - mark.count) where text[start..<start + mark.count].elementsEqual(mark) {
            let at = utf8.index(startIndex, offsetBy: start)
            return (self[..<at], self[utf8.index(at, offsetBy: mark.count)...])
        }
        return nil
    }
}
