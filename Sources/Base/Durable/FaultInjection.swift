internal import Glibc
internal import Synchronization

/// Makes the k-th call of an operation fail, or kills the process there, so that tests can prove what a full disk or a
/// power cut leaves behind. Off unless armed; the tools arm it from `NOCTURNE_FAULT` only.
///
/// A plan reads `OPERATION:K:EFFECT`, or `OPERATION:K:EFFECT:FOLDER` to count only calls on paths in a folder. The operation
/// is one of ``Operation`` or `any`, K counts from 1, and the effect is an errno name (`ENOSPC`, `EIO`, `EACCES`, `EROFS`)
/// or `KILL`.
public enum FaultInjection {
    /// The file operations that can be made to fail.
    public enum Operation: String, Sendable {
        case open, write, fsync, rename, mkdir, link, unlink, symlink
    }

    private struct Plan: Sendable {
        let operation: Operation?
        var remaining: Int
        let errno: Int32?
        let folder: String

        func concerns(_ operation: Operation, _ path: String) -> Bool {
            (self.operation == nil || self.operation == operation) && path.utf8.starts(with: folder.utf8)
        }
    }

    private static let plans = Mutex<[Plan]>([])
    // A plain flag in front of the lock, so that an unarmed process pays one relaxed load per call.
    private static let armed = Atomic<Bool>(false)

    /// Arms a plan, beside those for other folders; false if the text is not a plan.
    public static func arm(_ text: String) -> Bool {
        let words = text.split(separator: ":", maxSplits: 3)
        let codes: [String: Int32] = ["ENOSPC": ENOSPC, "EIO": EIO, "EACCES": EACCES, "EROFS": EROFS]
        guard words.count >= 3, let count = Int(words[1]), count > 0 else { return false }
        let operation = Operation(rawValue: String(words[0]))
        guard operation != nil || words[0] == "any" else { return false }
        let code = codes[String(words[2])]
        guard code != nil || words[2] == "KILL" else { return false }
        let folder = words.count == 4 ? String(words[3]) : ""
        disarm(folder: folder)
        plans.withLock { $0.append(Plan(operation: operation, remaining: count, errno: code, folder: folder)) }
        armed.store(true, ordering: .relaxed)
        return true
    }

    /// Takes back the plan for a folder.
    ///
    /// - Returns: whether the plan had struck; true as well if there was none.
    @discardableResult
    public static func disarm(folder: String = "") -> Bool {
        plans.withLock { plans in
            let waiting = plans.contains { $0.folder == folder && $0.remaining > 0 }
            plans.removeAll { $0.folder == folder }
            return !waiting
        }
    }

    /// The errno to pretend for this call, if its turn has come; does not return if the plan says to die here.
    static func strike(_ operation: Operation, _ path: String) -> Int32? {
        guard armed.load(ordering: .relaxed) else { return nil }
        return plans.withLock { plans in
            var code: Int32?
            for index in plans.indices where plans[index].concerns(operation, path) {
                plans[index].remaining -= 1
                guard plans[index].remaining == 0 else { continue }
                if plans[index].errno == nil { kill(getpid(), SIGKILL) }
                code = plans[index].errno
            }
            return code
        }
    }
}
