/// The tensor files of parts.
public enum TensorNames {
    /// What clean writes: float32 [samples] for each item.
    public static let audio = "audio.safetensors"
    /// What featurize writes: float32 [frames, bins] for each item.
    public static let features = "features.safetensors"
    /// What infer writes, where a model returns tensors.
    public static let outputs = "outputs.safetensors"

    /// Whether a file of a part holds tensors.
    public static func isTensorFile(_ name: String) -> Bool { name.hasSuffix(".safetensors") }
}
