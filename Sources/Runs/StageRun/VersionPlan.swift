public import BatchFormat
public import Digests
public import JSON
public import PipelineConfig

/// A part that a run is to make: its name, the digest of its input, and the key that follows.
public struct PlannedPart: Sendable {
    /// `part-00000`
    public let name: String
    /// The digest of the part's input.
    public let input: Digest
    /// Items that will come in, for the progress display.
    public let items: Int

    /// Plans a part.
    public init(name: String, input: Digest, items: Int) {
        self.name = name
        self.input = input
        self.items = items
    }
}

/// A whole version as a run is to make it.
public struct VersionPlan: Sendable {
    /// What the version will be the result of.
    public let identity: VersionIdentity
    /// The stage's whole configuration, for the record.
    public let effectiveConfig: JSONObject
    /// The versions it is made from; none while the plan grows.
    public private(set) var inputs: [InputReference]
    /// The parts, in order.
    public private(set) var parts: [PlannedPart]
    /// The parts' keys, in the same order.
    public private(set) var keys: [Digest]
    /// The version that a growing plan follows, `clean/v1`.
    let follows: String?
    /// Whether all of its parts are known.
    public private(set) var isComplete: Bool
    /// What must hold before `current` is switched.
    public let gates: Gates

    /// Plans a version; the keys follow from the identity and the parts' inputs.
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

    /// Begins a plan whose parts and inputs become known while it is carried out.
    ///
    /// - Parameter follows: the version of the same batch that it will be made from, `clean/v1`, if there is one.
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
}

/// What must hold of a sealed version before `current` is switched to it.
public struct Gates: Sendable {
    /// Fewer items than this is a failed night.
    public let minItems: Int
    /// A larger share of rejected items than this is a failed night; `nil` for no limit.
    public let maxRejectRatio: Double?

    /// Sets the gates.
    public init(minItems: Int, maxRejectRatio: Double?) {
        self.minItems = minItems
        self.maxRejectRatio = maxRejectRatio
    }

    /// Takes the gates from a stage's configuration.
    public init(_ config: StageConfig) {
        self.init(minItems: config.int("min_items"), maxRejectRatio: config.double("max_reject_ratio"))
    }

    /// Why the version must be held back, `nil` if it may pass.
    public func failure(of seal: VersionSeal) -> String? {
        if seal.items < minItems {
            return "\(seal.items) items, fewer than min_items = \(minItems)"
        }
        if let maxRejectRatio, seal.settled > 0 {
            let ratio = Double(seal.rejected) / Double(seal.settled)
            if ratio > maxRejectRatio {
                return "\(seal.rejected) of \(seal.settled) items rejected (\(ratio.rounded(decimals: 4))), "
                    + "more than max_reject_ratio = \(maxRejectRatio)"
            }
        }
        return nil
    }
}
