package import JSON

/// The model's result for one item.
package enum ItemResult: Sendable {
    /// Members for the ledger, and a tensor to keep if the model returns one.
    case output(JSONObject, tensor: KeptTensor?)
    /// This item failed, for this reason.
    case failed(String)
}

/// A tensor for `outputs.safetensors`.
package struct KeptTensor: Sendable, Hashable {
    /// The dimensions, row-major.
    package let shape: [Int]
    /// The numbers.
    package let values: [Float]
}
