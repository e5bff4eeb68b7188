internal import Signal

/// Mixes interleaved channels down to one, block by block, and counts the samples at full scale: only the source shows
/// them, because mixing and resampling move them off it.
struct Mixdown {
    private let channels: Int
    private let chosen: Int?
    private let clippingThreshold: Float
    /// Samples at full scale so far, in the channels used.
    private(set) var clipped = 0
    /// Samples counted so far.
    private(set) var counted = 0

    /// - Parameters:
    ///   - channels: the number of interleaved channels.
    ///   - chosen: the channel to use; `nil` for the mean of all.
    ///   - clippingThreshold: the magnitude at which a sample counts as clipped.
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
        switch (channels, chosen) {
        case (1, _):
            // Adding zero turns −0 into 0, as the sums below do.
            for frame in 0..<count { mono[frame] = frames[frame] + 0 }
        case (2, nil):
            for frame in 0..<count { mono[frame] = 0 + frames[2 &* frame] * 0.5 + frames[2 &* frame &+ 1] * 0.5 }
        case (_, nil):
            // Scaled before adding, so that large floats do not overflow.
            let scale = 1 / Float(channels)
            for frame in 0..<count {
                var sum: Float = 0
                for channel in 0..<channels { sum += frames[frame &* channels &+ channel] * scale }
                mono[frame] = sum
            }
        case (_, let channel?):
            for frame in 0..<count { mono[frame] = frames[frame &* channels &+ channel] + 0 }
        }
        // If one of several channels is used, clipping in the others does not matter.
        let used = chosen == nil || channels == 1 ? frames : UnsafeBufferPointer(rebasing: mono[..<count])
        clipped += AudioQuality.clippedCount(in: used.span, threshold: clippingThreshold)
        counted += used.count
    }
}
