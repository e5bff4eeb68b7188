/// How a clip is cut into overlapping frames, and what replaces samples beyond its ends.
struct Framing: Sendable {
    /// What a frame reads beyond the clip's ends.
    enum Edge: Sendable {
        /// Nothing: only frames that fit are taken.
        case inside
        /// The clip mirrored with its end sample repeated (Kaldi): x[−1] = x[0].
        case mirrored
        /// The clip mirrored about its end sample (Whisper's centred transform): x[−1] = x[1].
        case reflected
    }

    /// Samples in a frame.
    let length: Int
    /// Samples from one frame's start to the next's.
    let shift: Int
    /// Where frame 0 starts; negative when it begins before the clip.
    let start: Int
    let edge: Edge

    /// The number of frames of a clip of `samples` samples; 0 if it is too short for one.
    func frameCount(samples: Int) -> Int {
        switch edge {
        case .inside: samples < length ? 0 : 1 + (samples - length) / shift
        case .mirrored: (samples + shift / 2) / shift
        case .reflected: samples / shift
        }
    }

    /// The sample that replaces `index` in a clip of `count` samples, wherever `index` lies.
    func source(_ index: Int, count: Int) -> Int {
        var index = index
        while index < 0 || index >= count {
            switch edge {
            case .inside, .mirrored: index = index < 0 ? -1 - index : 2 * count - 1 - index
            case .reflected:
                // A single sample is its own reflection.
                if count == 1 { return 0 }
                index = index < 0 ? -index : 2 * count - 2 - index
            }
        }
        return index
    }
}

/// Returns the frames of a clip in groups of eight, without copying those that lie inside it.
struct FrameReader: ~Copyable {
    let framing: Framing
    /// A row for each frame of a group that reaches beyond the clip.
    private let edgeRows: FixedBuffer<Float>

    init(_ framing: Framing) {
        self.framing = framing
        edgeRows = FixedBuffer(repeating: 0, count: laneCount * framing.length)
    }

    /// Frames `first ..< first + frames`; if there are fewer than eight, the last one is repeated.
    ///
    /// The group is valid until the next call.
    func group(of samples: UnsafeBufferPointer<Float>, from first: Int, frames: Int) -> FrameGroup {
        func frame(_ lane: Int) -> UnsafePointer<Float> {
            self.frame(first + min(lane, frames - 1), of: samples, row: lane)
        }
        return FrameGroup(
            low: FrameQuad(first: frame(0), second: frame(1), third: frame(2), fourth: frame(3)),
            high: FrameQuad(first: frame(4), second: frame(5), third: frame(6), fourth: frame(7)))
    }

    private func frame(_ index: Int, of samples: UnsafeBufferPointer<Float>, row: Int) -> UnsafePointer<Float> {
        let start = framing.start + index * framing.shift
        let copy = edgeRows.base + row * framing.length
        if start >= 0, start + framing.length <= samples.count, let base = samples.baseAddress {
            return base + start
        }
        for offset in 0..<framing.length {
            copy[offset] = samples[framing.source(start + offset, count: samples.count)]
        }
        return UnsafePointer(copy)
    }
}
