import Glibc

/// What a recording sounds like, in figures computed from the samples alone: same samples, same figures.
///
/// Levels are in dBFS: 0 is a full-scale square wave (amplitude 1), so a full-scale sine has an RMS level of −3.01.
public struct AudioQuality: Codable, Sendable, Hashable {
    /// The level reported for nothing but zeros, whose logarithm JSON cannot represent: far below the last bit of
    /// 24-bit audio (−138).
    public static let digitalSilence = -200.0

    /// A sample at or above this magnitude counts as clipped. Just under 1, so that 16-bit full scale (0.99997) counts
    /// and the few samples that graze a normalised peak carry no weight. (G.711 telephone codecs clip at 0.98: measure
    /// those with `clippingRatio(of:threshold:)`.)
    public static let clippingThreshold: Float = 0.999

    /// The default level in dBFS below which 20 ms count as silence.
    public static let silenceDBFS = -60.0

    /// The number of samples measured.
    public let samples: Int
    /// The largest magnitude, in dBFS.
    public let peakDBFS: Double
    /// The root of the mean square, in dBFS, the offset included.
    public let rmsDBFS: Double
    /// The level of the loudest 20 ms in dBFS, the offset removed: what distinguishes a word in a long pause from
    /// silence.
    public let loudestDBFS: Double
    /// The share of 20 ms frames, the offset removed, below the level of silence, from 0 to 1: 1 if
    /// ``isSilent(belowDBFS:)`` is true for that level.
    public let silenceRatio: Double
    /// The mean of the samples, as a share of full scale, from −1 to 1.
    public let dcOffset: Double
    /// The signal-to-noise ratio in dB (`SignalToNoise`); nil for clips too short to measure.
    public let snrDB: Double?
    /// The highest frequency with notable energy in Hz (`Bandwidth`); nil for silence and clips too short to measure.
    public let bandwidthHz: Double?

    /// Measures a clip.
    ///
    /// - Parameters:
    ///   - samples: mono audio, finite (see `firstNonFinite(in:)`), full scale at ±1.
    ///   - sampleRate: samples per second.
    ///   - silenceDBFS: anything quieter counts as silence.
    public init(of samples: Span<Float>, sampleRate: Int, silenceDBFS: Double = silenceDBFS) {
        self = QualityMeter(sampleRate: sampleRate, silenceDBFS: silenceDBFS).finish(samples, from: 0)
    }

    init(samples: Int, levels: Levels, framePowers: [Double], silenceDBFS: Double, bandwidthHz: Double?) {
        self.samples = samples
        peakDBFS = Self.decibels(amplitude: levels.peak)
        rmsDBFS = Self.decibels(amplitude: levels.rms)
        loudestDBFS = Self.decibels(amplitude: (framePowers.max() ?? 0).squareRoot())
        let silent = framePowers.count { Self.decibels(amplitude: $0.squareRoot()) < silenceDBFS }
        silenceRatio = framePowers.isEmpty ? 1 : Double(silent) / Double(framePowers.count)
        dcOffset = levels.mean
        snrDB = SignalToNoise.estimate(framePowers: framePowers)
        self.bandwidthHz = bandwidthHz
    }

    enum CodingKeys: String, CodingKey {
        case samples
        case peakDBFS = "peak_dbfs"
        case rmsDBFS = "rms_dbfs"
        case loudestDBFS = "loudest_dbfs"
        case silenceRatio = "silence_ratio"
        case dcOffset = "dc_offset"
        case snrDB = "snr_db"
        case bandwidthHz = "bandwidth_hz"
    }

    /// Whether nothing in the clip reaches a level: its loudest 20 ms are below it.
    public func isSilent(belowDBFS level: Double) -> Bool { loudestDBFS < level }

    /// The index of the first infinite or NaN sample; nil if there is none.
    public static func firstNonFinite(in samples: Span<Float>) -> Int? {
        samples.withUnsafeBufferPointer { samples in
            // Eight at a time: infinities and NaN have an exponent of all ones.
            var start = 0
            let exponent = SIMD8<UInt32>(repeating: 0x7F80_0000)
            while start &+ 8 <= samples.count, let base = samples.baseAddress {
                let bits = UnsafeRawPointer(base + start).loadUnaligned(as: SIMD8<UInt32>.self)
                if any((bits & exponent) .== exponent) { break }
                start &+= 8
            }
            return samples[start...].firstIndex { !$0.isFinite }
        }
    }

    /// The number of samples whose magnitude is at least `threshold`.
    public static func clippedCount(in samples: Span<Float>, threshold: Float = clippingThreshold) -> Int {
        samples.withUnsafeBufferPointer { samples in
            var clipped = 0
            var start = 0
            while start &+ 8 <= samples.count, let base = samples.baseAddress {
                // Counted in 32 bits, lane by lane, as far as those are sure to hold it.
                var lanes = SIMD8<Int32>.zero
                let end = min(samples.count & ~7, start &+ 1 << 24)
                while start < end {
                    let eight = UnsafeRawPointer(base + start).loadUnaligned(as: SIMD8<Float>.self)
                    // A true lane is all ones: the number −1.
                    lanes &-= unsafeBitCast((eight .>= threshold) .| (eight .<= -threshold), to: SIMD8<Int32>.self)
                    start &+= 8
                }
                clipped &+= Int(lanes.wrappedSum())
            }
            for sample in samples[start...] { clipped &+= sample.magnitude >= threshold ? 1 : 0 }
            return clipped
        }
    }

    /// The share of samples whose magnitude is at least `threshold`, from 0 to 1; 0 for a clip without samples.
    public static func clippingRatio(of samples: Span<Float>, threshold: Float = clippingThreshold) -> Double {
        samples.isEmpty ? 0 : Double(clippedCount(in: samples, threshold: threshold)) / Double(samples.count)
    }

    /// 20·log10 of an amplitude, but at least `digitalSilence`.
    public static func decibels(amplitude: Double) -> Double {
        amplitude > 0 ? max(20 * log10(amplitude), digitalSilence) : digitalSilence
    }
}
