internal import Glibc
internal import Synchronization

/// Makes the k-th call of an operation fail, or kills the process there, so that tests can prove what a full disk or a
/// power cut leaves behind. Off unless armed; the tools arm it only from `NOCTURNE_FAULT`.
///
/// A plan reads `OPERATION:K:EFFECT`, or `OPERATION:K:EFFECT:FOLDER` to count only calls on paths in a folder. The
/// operation is an ``Operation`` or `any`; K counts from 1, and `K+` means that call and all later ones, as on a disk
/// that stays full. The effect is an errno name (`ENOSPC`, `EIO`, `EACCES`, `EROFS`), or a signal that the process
/// sends itself before the call: `KILL`, `TERM`, or `STOP`, which holds it there until it is continued.
public enum FaultInjection {
    /// The file operations that can be made to fail.
    public enum Operation: String, Sendable {
        case open, write, fsync, rename, mkdir, link, unlink, symlink
    }

    private enum Effect: Sendable {
        case errno(Int32)
        case signal(Int32)
    }

    private static let effects: [String: Effect] = [
        "ENOSPC": .errno(ENOSPC), "EIO": .errno(EIO), "EACCES": .errno(EACCES), "EROFS": .errno(EROFS),
        "KILL": .signal(SIGKILL), "TERM": .signal(SIGTERM), "STOP": .signal(SIGSTOP),
    ]

    private struct Plan: Sendable {
        let operation: Operation?
        var remaining: Int
        let lasts: Bool
        let effect: Effect
        let folder: String

        func concerns(_ operation: Operation, _ path: String) -> Bool {
            (self.operation == nil || self.operation == operation) && path.utf8.starts(with: folder.utf8)
        }
    }

    private static let plans = Mutex<[Plan]>([])
    // A plain flag in front of the lock: an unarmed process pays one relaxed load per call.
    private static let armed = Atomic<Bool>(false)

    /// Arms a plan in addition to those for other folders; false if the text is not a plan.
    public static func arm(_ text: String) -> Bool {
        let words = text.split(separator: ":", maxSplits: 3).map(String.init)
        guard words.count >= 3, let effect = effects[words[2]] else { return false }
        let operation = Operation(rawValue: words[0])
        guard operation != nil || words[0] == "any" else { return false }
        let lasts = words[1].hasSuffix("+")
        guard let count = Int(words[1].dropLast(lasts ? 1 : 0)), count > 0 else { return false }
        let folder = words.count == 4 ? words[3] : ""
        disarm(folder: folder)
        plans.withLock {
            $0.append(
                Plan(operation: operation, remaining: count, lasts: lasts, effect: effect, folder: folder))
        }
        armed.store(true, ordering: .relaxed)
        return true
    }

    /// Disarms the plan for a folder.
    ///
    /// - Returns: whether the plan has struck; also true if there was none.
    @discardableResult
    public static func disarm(folder: String = "") -> Bool {
        plans.withLock { plans in
            let waiting = plans.contains { $0.folder == folder && $0.remaining > 0 }
            plans.removeAll { $0.folder == folder }
            return !waiting
        }
    }

    /// The errno to simulate for this call, if it is due; does not return if the plan is to kill the process here.
    static func strike(_ operation: Operation, _ path: String) -> Int32? {
        guard armed.load(ordering: .relaxed) else { return nil }
        return plans.withLock { plans in
            var code: Int32?
            for index in plans.indices where plans[index].concerns(operation, path) {
                if plans[index].remaining > 0 {
                    plans[index].remaining -= 1
                    guard plans[index].remaining == 0 else { continue }
                } else if !plans[index].lasts {
                    continue
                }
                switch plans[index].effect {
                case .errno(let number): code = number
                case .signal(let number): kill(getpid(), number)
                }
            }
            return code
        }
    }
}
