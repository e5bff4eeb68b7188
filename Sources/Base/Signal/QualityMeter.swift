/// Measures the ``AudioQuality`` of clips that arrive in blocks, one clip after the other. Tables are kept from clip to
/// clip, and 8 bytes are kept for each 20 ms of a clip. However a clip is cut into blocks, the figures are the same to
/// the last bit.
///
/// The caller keeps the samples: those from ``needed`` on must be there at the next call. A meter serves one thread.
public final class QualityMeter {
    private let sampleRate: Int
    private let silenceDBFS: Double
    private let frameLength: Int
    private let bandwidth = BandwidthMeter()
    private var levels = LevelSums()
    private var powers: [Double] = []
    /// How far each figure has been computed, in samples of the clip.
    private var (levelsEnd, powersEnd, bandwidthEnd) = (0, 0, 0)

    /// Makes a meter for clips of one rate, in samples per second, and one level of silence, in dBFS.
    public init(sampleRate: Int, silenceDBFS: Double = AudioQuality.silenceDBFS) {
        self.sampleRate = sampleRate
        self.silenceDBFS = silenceDBFS
        frameLength = FramePowers.length(sampleRate: sampleRate)
    }

    /// The first sample of the clip that a later call still needs.
    public var needed: Int { min(levelsEnd, powersEnd, bandwidthEnd) }

    /// Adds samples of the current clip.
    ///
    /// - Parameters:
    ///   - samples: mono audio, finite, full scale at ±1.
    ///   - first: the index of the first one in the clip, at most ``needed``.
    public func add(_ samples: Span<Float>, from first: Int) {
        samples.withUnsafeBufferPointer { take($0, from: first, isLast: false) }
    }

    /// Adds the clip's last samples and returns its figures; the next call starts another clip.
    public func finish(_ samples: Span<Float>, from first: Int) -> AudioQuality {
        let levels = samples.withUnsafeBufferPointer { samples in
            take(samples, from: first, isLast: true)
            FramePowers.close(&powers, with: Self.behind(powersEnd - first, samples))
            return self.levels.levels(with: Self.behind(levelsEnd - first, samples))
        }
        let quality = AudioQuality(
            samples: first + samples.count, levels: levels, framePowers: powers, silenceDBFS: silenceDBFS,
            bandwidthHz: bandwidth.finish(sampleRate: sampleRate))
        reset()
        return quality
    }

    /// Discards the current clip.
    public func reset() {
        levels = LevelSums()
        powers.removeAll(keepingCapacity: true)
        bandwidth.reset()
        (levelsEnd, powersEnd, bandwidthEnd) = (0, 0, 0)
    }

    private func take(_ samples: UnsafeBufferPointer<Float>, from first: Int, isLast: Bool) {
        levelsEnd += levels.add(Self.behind(levelsEnd - first, samples))
        powersEnd += FramePowers.add(Self.behind(powersEnd - first, samples), length: frameLength, to: &powers)
        bandwidthEnd += bandwidth.add(Self.behind(bandwidthEnd - first, samples), isLast: isLast)
    }

    private static func behind(_ start: Int, _ samples: UnsafeBufferPointer<Float>) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: samples[min(start, samples.count)...])
    }
}
