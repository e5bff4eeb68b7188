public import Digests
public import JSON

/// `model.toml`: what a model is, what it takes and what it gives.
public struct ModelManifest: Sendable {
    /// The model's name, as its folder's parent bears it.
    public let name: String
    /// The version, as its folder bears it.
    public let version: String
    /// The model's file, beside the manifest.
    public let file: String
    /// The digest of the model's file.
    public let sha256: Digest
    /// What the model takes.
    public let input: ModelInput
    /// What the model gives.
    public let output: ModelOutput
}

/// What a model takes.
public struct ModelInput: Sendable {
    /// What an item's tensor is.
    public enum Kind: String, Sendable, CaseIterable {
        /// float32 [batch, frames, bins]
        case features
        /// float32 [batch, samples]
        case waveform
    }

    /// Whether items of different lengths may share a batch.
    public enum Padding: String, Sendable, CaseIterable {
        /// The model's lengths make padding harmless.
        case masked
        /// Padding would change the answers: only items of equal length share a batch.
        case exact
    }

    /// What an item's tensor is.
    public let kind: Kind
    /// Whether the model takes int64 [batch] as its second argument.
    public let lengths: Bool
    /// Whether items of different lengths may share a batch.
    public let padding: Padding
    /// What the model was trained on; each key must equal the batch's.
    public let features: JSONObject
}

/// What a model gives.
public struct ModelOutput: Sendable {
    /// How the model's first output is read.
    public enum Kind: String, Sendable, CaseIterable {
        /// One label of several: softmax over [batch, labels].
        case labels
        /// Any of several labels: sigmoid over [batch, labels].
        case tags
        /// A text: CTC over [batch, frames, labels], read greedily.
        case tokens
        /// A vector or matrix, kept as a tensor.
        case embedding
        /// Numbers, as they are.
        case values
    }

    /// How the model's first output is read.
    public let kind: Kind
    /// The names of the last dimension's places, for labels, tags and tokens; else empty.
    public let labels: [String]
    /// The file that the labels came from, beside the manifest, if they did.
    public let labelsFile: String?
    /// The place of CTC's blank among the labels of tokens.
    public let blank: Int
}
