internal import BatchFormat
internal import Fault
internal import Signal

/// What is known of an item's features once its whole clip has been looked at.
enum ItemFeatures: Sendable {
    /// They can be written.
    case made(ClipFeatures)
    /// The clip does not hold a single frame.
    case tooShort(samples: Int)
    /// A feature is infinite or not a number, in this frame.
    case notFinite(frame: Int)
}

/// The features of a clip: its rows, or for a long clip what is needed to compute them again, a block at a time.
struct ClipFeatures: Sendable {
    let frames: Int
    /// Numbers in each frame's row; 1 for a waveform.
    let bins: Int
    /// The largest number of all rows, where the extractor asks for it.
    let maximum: Float
    /// float32 [frames, bins], row by row, if all of them fit into one block.
    private(set) var rows: [Float]?
    /// What is still to be done to rows that are computed again.
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

/// The samples of one item, inside clean's mapped file.
struct ClipSamples {
    private let file: TensorFile
    private let id: ItemID
    let floats: UnsafeBufferPointer<Float>

    /// Finds them; damage if the file does not hold them as clean writes them.
    init(of id: ItemID, in file: TensorFile) throws(Fault) {
        guard let tensor = file.tensor(id) else {
            throw Fault(.damaged, "'\(file.path)' holds no samples of the item '\(id)'")
        }
        guard tensor.type == .float32, tensor.shape.count == 1 else {
            throw Fault(.damaged, "'\(file.path)' holds the item '\(id)' otherwise than as float32 [samples]")
        }
        (self.file, self.id, floats) = (file, id, tensor.floats)
    }

    /// Gives the memory back that the samples take; they are still there.
    func release() { file.release(id) }
}

extension PartReader {
    /// Clean's samples of each item.
    func audio() throws(Fault) -> TensorFile { try tensors("audio.safetensors") }
}
