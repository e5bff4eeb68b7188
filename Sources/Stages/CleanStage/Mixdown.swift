/// Brings interleaved channels down to one, block by block, and counts the samples at full scale on the way: only the
/// source shows them, for mixing and resampling move them off it.
struct Mixdown {
    private let channels: Int
    private let chosen: Int?
    private let clippingThreshold: Float
    /// Samples at full scale so far, in the channels that are used.
    private(set) var clipped = 0
    /// Samples looked at so far.
    private(set) var counted = 0

    /// - Parameters:
    ///   - channels: how many channels are interleaved.
    ///   - chosen: the one to take; `nil` for the mean of all.
    ///   - clippingThreshold: the magnitude from which a sample counts as clipped.
    init(channels: Int, chosen: Int?, clippingThreshold: Float) {
        self.channels = channels
        self.chosen = chosen
        self.clippingThreshold = clippingThreshold
    }

    /// The share of samples at full scale, 0 to 1.
    var clippingRatio: Double { counted == 0 ? 0 : Double(clipped) / Double(counted) }

    /// Mixes a block of whole frames into `mono`, which has room for them.
    mutating func mix(_ frames: UnsafeBufferPointer<Float>, into mono: UnsafeMutableBufferPointer<Float>) {
        let count = frames.count / channels
        let used = chosen.map { $0..<$0 + 1 } ?? 0..<channels
        // Scaled before it is added, so that loud floats do not overflow.
        let scale = 1 / Float(used.count)
        var clipped = 0
        for frame in 0..<count {
            let start = frame * channels
            var sum: Float = 0
            for channel in used {
                let sample = frames[start + channel]
                clipped &+= sample.magnitude >= clippingThreshold ? 1 : 0
                sum += sample * scale
            }
            mono[frame] = sum
        }
        self.clipped += clipped
        counted += count * used.count
    }
}
