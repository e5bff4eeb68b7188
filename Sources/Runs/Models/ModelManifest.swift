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
    /// The model's output.
    public let output: ModelOutput
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

/// A model's output.
public struct ModelOutput: Sendable {
    /// How to read the model's first output.
    public enum Kind: String, Sendable, CaseIterable {
        /// One of several labels: softmax over [batch, labels].
        case labels
        /// Any of several labels: sigmoid over [batch, labels].
        case tags
        /// A text: CTC over [batch, frames, labels], decoded greedily.
        case tokens
        /// A vector or matrix, kept as a tensor.
        case embedding
        /// Plain numbers.
        case values
    }

    /// How to read the model's first output.
    public let kind: Kind
    /// The names of the last dimension's entries, for labels, tags and tokens; otherwise empty.
    public let labels: [String]
    /// The file of the labels, beside the manifest, if they come from one.
    public let labelsFile: String?
    /// The index of CTC's blank among the labels of tokens.
    public let blank: Int
}
