internal import BatchFormat
internal import Fault
internal import Signal

/// What is known about an item's features after examining its whole clip.
enum ItemFeatures: Sendable {
    /// They can be written.
    case made(ClipFeatures)
    /// The clip is shorter than a single frame.
    case tooShort(samples: Int)
    /// A feature is infinite or NaN, in this frame.
    case notFinite(frame: Int)
}

/// The features of a clip: its rows or, for a long clip, what is needed to recompute them block by block.
struct ClipFeatures: Sendable {
    let frames: Int
    /// Numbers in each frame's row; 1 for a waveform.
    let bins: Int
    /// The largest number in all rows, if the extractor needs it.
    let maximum: Float
    /// float32 [frames, bins], row by row, if all of them fit into one block.
    private(set) var rows: [Float]?
    /// What remains to be done to recomputed rows.
    private(set) var normalizer: Normalizer?

    init(frames: Int, bins: Int, maximum: Float, rows: [Float]?) {
        (self.frames, self.bins, self.maximum, self.rows) = (frames, bins, maximum, rows)
    }

    /// Normalises the rows, now or when they are computed.
    mutating func normalize(by normalizer: Normalizer) {
        if var kept = rows {
            rows = nil  // so that it is not copied
            normalizer.apply(to: &kept)
            rows = kept
        } else {
            self.normalizer = normalizer
        }
    }
}

/// The samples of one item, in clean's mapped file.
struct ClipSamples {
    private let file: TensorFile
    private let id: ItemID
    let floats: UnsafeBufferPointer<Float>

    /// Finds the samples; throws damage if the file does not contain them in clean's format.
    init(of id: ItemID, in file: TensorFile) throws(Fault) {
        guard let tensor = file.tensor(id) else {
            throw Fault(.damaged, "'\(file.path)' has no samples of the item '\(id)'")
        }
        guard tensor.type == .float32, tensor.shape.count == 1 else {
            throw Fault(.damaged, "'\(file.path)' has the item '\(id)' in another format than float32 [samples]")
        }
        (self.file, self.id, floats) = (file, id, tensor.floats)
    }

    /// Releases the memory of the samples, which remain readable.
    func release() { file.release(id) }
}

extension PartReader {
    /// Clean's samples of each item.
    func audio() throws(Fault) -> TensorFile { try tensors(TensorNames.audio) }
}
