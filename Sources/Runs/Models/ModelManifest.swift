public import Digests
public import JSON

/// `model.toml`: a model's identity, its input and its output.
public struct ModelManifest: Sendable {
    /// The model's name, the same as its parent folder's.
    public let name: String
    /// The version, the same as its folder's name.
    public let version: String
    /// The model's file, beside the manifest.
    public let file: String
    /// The digest of the model's file.
    public let sha256: Digest
    /// The model's input.
    public let input: ModelInput
    /// Everything that the model returns, in its order.
    public let outputs: [ModelOutput]
}

/// A model's input.
public struct ModelInput: Sendable {
    /// The kind of an item's tensor.
    public enum Kind: String, Sendable, CaseIterable {
        /// float32 [batch, frames, bins]
        case features
        /// float32 [batch, samples]
        case waveform
    }

    /// Whether items of different lengths may share a batch.
    public enum Padding: String, Sendable, CaseIterable {
        /// Lengths make padding harmless for the model.
        case masked
        /// Padding would change the results: only items of equal length share a batch.
        case exact
    }

    /// The kind of an item's tensor.
    public let kind: Kind
    /// Whether the model takes lengths, int64 [batch], as its second argument.
    public let lengths: Bool
    /// Whether items of different lengths may share a batch.
    public let padding: Padding
    /// What the model was trained on; each key must equal the batch's.
    public let features: JSONObject
}
