internal import Glibc
internal import Synchronization

/// Makes the k-th call of an operation fail, or kills the process there, so that tests can prove what a full disk or a
/// power cut leaves behind. Off unless armed; the tools arm it from `NOCTURNE_FAULT` only.
///
/// A plan reads `OPERATION:K:EFFECT`: the operation is one of ``Operation`` or `any`, K counts from 1, and the effect is
/// an errno name (`ENOSPC`, `EIO`, `EACCES`, `EROFS`) or `KILL`.
public enum FaultInjection {
    /// The file operations that can be made to fail.
    public enum Operation: String, Sendable {
        case open, write, fsync, rename, mkdir, link, unlink, symlink
    }

    private struct Plan: Sendable {
        var operation: Operation?
        var remaining: Int
        var errno: Int32?
    }

    private static let plan = Mutex<Plan?>(nil)
    // A plain flag in front of the lock, so that an unarmed process pays one relaxed load per call.
    private static let armed = Atomic<Bool>(false)

    /// Arms a plan; false if the text is not a plan.
    public static func arm(_ text: String) -> Bool {
        let words = text.split(separator: ":")
        let codes: [String: Int32] = ["ENOSPC": ENOSPC, "EIO": EIO, "EACCES": EACCES, "EROFS": EROFS]
        guard words.count == 3, let count = Int(words[1]), count > 0 else { return false }
        let operation = Operation(rawValue: String(words[0]))
        guard operation != nil || words[0] == "any" else { return false }
        let code = codes[String(words[2])]
        guard code != nil || words[2] == "KILL" else { return false }
        plan.withLock { $0 = Plan(operation: operation, remaining: count, errno: code) }
        armed.store(true, ordering: .relaxed)
        return true
    }

    /// The errno to pretend for this call, if its turn has come; does not return if the plan says to die here.
    static func strike(_ operation: Operation) -> Int32? {
        guard armed.load(ordering: .relaxed) else { return nil }
        return plan.withLock { plan in
            guard var armedPlan = plan, armedPlan.operation == nil || armedPlan.operation == operation else {
                return nil
            }
            armedPlan.remaining -= 1
            plan = armedPlan
            guard armedPlan.remaining == 0 else { return nil }
            if armedPlan.errno == nil { kill(getpid(), SIGKILL) }
            return armedPlan.errno
        }
    }
}
