public import BatchFormat
internal import Digests
internal import Durable
public import Fault
public import JSON

/// How a run ended, if not with a fault.
public struct StageOutcome: Sendable {
    /// The state of the version that the run ended with.
    public enum Status: Sendable, Equatable {
        /// Sealed, and `current` points at it.
        case current
        /// Sealed, but a gate held it back, for this reason.
        case heldBack(String)
        /// Sealed, but a person has pinned `current` to this version.
        case pinned(to: Int)
        /// A trial or a shard, which does not affect `current`.
        case apart
        /// Nothing was done: a dry run.
        case dryRun
    }

    /// The version's folder.
    public let path: String
    /// The version's seal; `nil` if it is not sealed yet.
    public let seal: VersionSeal?
    /// The state in which the run ended.
    public let status: Status
    /// Parts made in this run.
    public let made: Int
    /// Parts reused from other versions through hard links.
    public let linked: Int

    /// Makes an outcome.
    public init(path: String, seal: VersionSeal?, status: Status, made: Int, linked: Int) {
        self.path = path
        self.seal = seal
        self.status = status
        self.made = made
        self.linked = linked
    }

    /// The fault that determines the exit code; `nil` for 0.
    public var fault: Fault? {
        switch status {
        case .heldBack(let reason):
            Fault(
                .heldBack,
                "'\(path)' is sealed but held back from current: \(reason); inspect it with 'batches show', accept it with "
                    + "'batches use', or fix the cause and run again")
        case .pinned(let version): pinFault(version)
        default: nil
        }
    }

    /// A pin is a person's decision, not a gate: there is nothing to fix, and running again changes nothing.
    private func pinFault(_ version: Int) -> Fault {
        let stage = seal.map { "\($0.identity.pipeline) \($0.identity.batch) \($0.identity.stage)" } ?? "…"
        return Fault(
            .heldBack,
            "'\(path)' is sealed, but current is pinned to v\(version) by hand: 'batches use \(stage) "
                + "\(Folders.name(of: path))' accepts the new version, 'batches use \(stage) --unpin' and another run make "
                + "current follow the runs again")
    }

    /// The outcome in the form of `--json`.
    public var summary: JSONObject {
        var object: JSONObject = ["path": .string(path)]
        let (name, reason): (String, String?) =
            switch status {
            case .current: ("current", nil)
            case .heldBack(let reason): ("held_back", reason)
            case .pinned(let version): ("held_back", "current is pinned to v\(version) by hand")
            case .apart: ("apart", nil)
            case .dryRun: ("dry_run", nil)
            }
        object["status"] = .string(name)
        if let reason { object["reason"] = .string(reason) }
        object["parts_made"] = .int(Int64(made))
        object["parts_reused"] = .int(Int64(linked))
        if let seal {
            object["fingerprint"] = .string(seal.fingerprint.hex)
            object["items_in"] = .int(Int64(seal.itemsIn))
            object["items"] = .int(Int64(seal.items))
            object["rejected"] = .int(Int64(seal.rejected))
            var reasons = JSONObject()
            for (reason, count) in seal.rejectedByReason { reasons[reason] = .int(Int64(count)) }
            object["rejected_by_reason"] = .object(reasons)
            object["bytes"] = .int(Int64(seal.bytes))
        }
        return object
    }
}
