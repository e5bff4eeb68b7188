/// One of the tensors that a model returns, as `model.toml` declares it: `[output]` if it is the only one, otherwise
/// `[output.NAME]` for each.
public struct ModelOutput: Sendable {
    /// How to read an output.
    public enum Kind: String, Sendable, CaseIterable {
        /// One of several labels: [batch, labels].
        case labels
        /// Any of several labels: [batch, labels].
        case tags
        /// A text: CTC over [batch, frames, labels], decoded greedily.
        case tokens
        /// A vector or matrix, kept as a tensor.
        case embedding
        /// Plain numbers.
        case values
        /// The items' lengths on the time axis of the other outputs: [batch] or [batch, 1].
        case lengths
        /// Nothing that is wanted.
        case ignored
    }

    /// What turns the model's numbers into the ones that are kept.
    public enum Activation: String, Sendable, CaseIterable {
        /// Over the last dimension, which then sums to 1.
        case softmax
        /// Each number by itself.
        case sigmoid
        /// The numbers are used as they are: the model has applied its activation itself.
        case none
    }

    /// The dimension of an item's tensor that follows the input's time, which padding lengthens.
    public enum TimeAxis: Sendable, Hashable {
        /// Not declared: the first of a matrix of embeddings, none of values.
        case usual
        /// None has to do with time.
        case none
        /// This one, not counting the batch.
        case dimension(Int)
    }

    /// The name, which is that of its entry if the model returns a dictionary or a named tuple; `nil` for `[output]`.
    public let name: String?
    /// How to read it.
    public let kind: Kind
    /// What turns the model's numbers into the ones that are kept.
    public let activation: Activation
    /// Whether `model.toml` states the activation.
    public let statesActivation: Bool
    /// The dimension that padding lengthens.
    public let axis: TimeAxis
    /// The names of the last dimension's entries, for labels, tags and tokens; otherwise empty.
    public let labels: [String]
    /// The file of the labels, beside the manifest, if they come from one.
    public let labelsFile: String?
    /// The index of CTC's blank among the labels of tokens.
    public let blank: Int

    /// Whether it becomes a part of an item's result.
    public var isResult: Bool { kind != .lengths && kind != .ignored }
}
