public import BatchFormat
public import Digests
public import JSON
public import PipelineConfig

/// A part to be made: its name, the digest of its input, and the key that follows.
public struct PlannedPart: Sendable {
    /// How a part is stored in its version.
    public enum Form: Sendable {
        /// As a folder with a ledger and a seal.
        case folder
        /// As a single file beside the version's seal.
        case file
    }

    /// `part-00000`
    public let name: String
    /// The digest of the part's input.
    public let input: Digest
    /// Items that will come in, for the progress display.
    public let items: Int
    /// How it will be stored in its version.
    public let form: Form

    /// Plans a part.
    public init(name: String, input: Digest, items: Int, form: Form = .folder) {
        self.name = name
        self.input = input
        self.items = items
        self.form = form
    }
}

/// A whole version to be made.
public struct VersionPlan: Sendable {
    /// What the version will be the result of.
    public let identity: VersionIdentity
    /// The stage's whole configuration, for the record.
    public let effectiveConfig: JSONObject
    /// The versions it is made from; empty while the plan grows.
    public private(set) var inputs: [InputReference]
    /// The parts, in order.
    public private(set) var parts: [PlannedPart]
    /// The parts' keys, in the same order.
    public private(set) var keys: [Digest]
    /// The version that a growing plan follows, `clean/v1`.
    let follows: String?
    /// Whether all its parts are known.
    public private(set) var isComplete: Bool
    /// What must be true before `current` is moved.
    public let gates: Gates

    /// Makes a plan; the keys follow from the identity and the parts' inputs.
    public init(
        identity: VersionIdentity, effectiveConfig: JSONObject, inputs: [InputReference], parts: [PlannedPart],
        gates: Gates
    ) {
        self.identity = identity
        self.effectiveConfig = effectiveConfig
        self.inputs = inputs
        self.parts = parts
        self.gates = gates
        keys = parts.map { identity.key(input: $0.input) }
        isComplete = true
        follows = nil
    }

    /// Starts a plan whose parts and inputs become known during the run.
    ///
    /// - Parameter follows: the version of the same batch that it will be made from, `clean/v1`, if any.
    public init(growing identity: VersionIdentity, effectiveConfig: JSONObject, gates: Gates, follows: String? = nil) {
        self.identity = identity
        self.effectiveConfig = effectiveConfig
        self.gates = gates
        self.follows = follows
        (inputs, parts, keys, isComplete) = ([], [], [], false)
    }

    /// Adds a part.
    mutating func append(_ part: PlannedPart) {
        parts.append(part)
        keys.append(identity.key(input: part.input))
    }

    /// Ends the growth.
    mutating func complete(inputs: [InputReference]) {
        self.inputs = inputs
        isComplete = true
    }

    /// The fingerprint that the version will have.
    public var fingerprint: Digest { VersionSeal.fingerprint(of: keys) }

    /// Whether a sealed version is the result of the plan.
    func isResult(_ seal: VersionSeal) -> Bool {
        seal.fingerprint == fingerprint && seal.identity.tool == identity.tool
    }
}

/// What must be true of a sealed version before `current` moves to it.
public struct Gates: Sendable {
    /// A night with fewer items has failed.
    public let minItems: Int
    /// A night with a larger share of rejected items has failed; `nil` for no limit.
    public let maxRejectRatio: Double?

    /// Sets the gates.
    public init(minItems: Int, maxRejectRatio: Double?) {
        self.minItems = minItems
        self.maxRejectRatio = maxRejectRatio
    }

    /// Reads the gates from a stage's configuration.
    public init(_ config: StageConfig) {
        self.init(minItems: config.settings.minItems, maxRejectRatio: config.settings.maxRejectRatio)
    }

    /// Gates that everything passes: for a version whose gates were checked before it was made.
    public static let open = Gates(minItems: 0, maxRejectRatio: nil)

    /// Why a result must be held back; `nil` if it passes.
    public func failure(items: Int, rejected: Int) -> String? {
        if items < minItems {
            return "\(items) items, fewer than min_items = \(minItems)"
        }
        let settled = items + rejected
        if let maxRejectRatio, settled > 0 {
            let ratio = Double(rejected) / Double(settled)
            if ratio > maxRejectRatio {
                return "\(rejected) of \(settled) items rejected (\(ratio.rounded(decimals: 4))), "
                    + "more than max_reject_ratio = \(maxRejectRatio)"
            }
        }
        return nil
    }
}
