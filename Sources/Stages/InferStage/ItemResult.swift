package import JSON

/// What the model says about one item.
package enum ItemResult: Sendable {
    /// Members for the ledger, and a tensor to keep if the model gives one.
    case output(JSONObject, tensor: KeptTensor?)
    /// The item fails alone, and why.
    case failed(String)
}

/// A tensor for `outputs.safetensors`.
package struct KeptTensor: Sendable, Hashable {
    /// The dimensions, row-major.
    package let shape: [Int]
    /// The numbers.
    package let values: [Float]
}
