internal import Glibc
internal import JSON
internal import Signal

/// Listens to a recording of several channels once, to see what their mean would lose.
///
/// Channels in opposite phase cancel each other: a balanced line on a stereo jack, a microphone wired the wrong way
/// round. Their mean is faint or silent though the recording is loud.
struct ChannelSurvey {
    /// Powers of one channel, or of the mean of all, with the offset removed.
    private struct Sums {
        private var (count, sum, squares) = (0.0, 0.0, 0.0)
        /// The power of the loudest whole window.
        private(set) var loudest = 0.0

        /// Adds a window of values at a stride.
        mutating func add(_ values: UnsafePointer<Float>, count: Int, stride: Int, isWhole: Bool) {
            var (sum, squares) = (0.0, 0.0)
            for index in 0..<count {
                let value = Double(values[index &* stride])
                sum += value
                squares += value * value
            }
            self.count += Double(count)
            self.sum += sum
            self.squares += squares
            let mean = sum / Double(max(count, 1))
            if isWhole { loudest = max(loudest, squares / Double(max(count, 1)) - mean * mean) }
        }

        var power: Double {
            let mean = count > 0 ? sum / count : 0
            return count > 0 ? max(0, squares / count - mean * mean) : 0
        }
    }

    private let channels: Int
    private var sums: [Sums]
    private var mean = Sums()
    /// The window that is being filled, interleaved, and its length in frames: 20 ms.
    private var window: [Float] = []
    private let windowFrames: Int
    private var mono: [Float] = []

    /// Makes a survey of a number of channels.
    init(channels: Int, rate: Int) {
        self.channels = channels
        sums = Array(repeating: Sums(), count: channels)
        windowFrames = max(1, rate / 50)
    }

    /// Adds a block of whole frames.
    mutating func add(_ frames: UnsafeBufferPointer<Float>, _ mixdown: inout Mixdown) {
        window.append(contentsOf: frames)
        let size = windowFrames * channels
        var start = 0
        while window.count - start >= size {
            take(start..<start + size, isWhole: true, &mixdown)
            start += size
        }
        window.removeFirst(start)
    }

    /// What the survey shows, after the last block; `nil` if a sample is not finite, or if there is no sound at all.
    mutating func finish(silenceDBFS: Double, _ mixdown: inout Mixdown) -> ChannelChoice? {
        take(0..<window.count, isWhole: false, &mixdown)
        window = []
        let powers = sums.map(\.power)
        let total = powers.reduce(0, +)
        guard total.isFinite, total > 0, let loudest = powers.max(), let index = powers.firstIndex(of: loudest) else {
            return nil
        }
        let count = Double(channels)
        let amplitudes = powers.map { $0.squareRoot() }.reduce(0, +)
        let crossed = amplitudes * amplitudes - total
        // The powers' mean over all pairs of channels, which for two of them is their correlation.
        let correlation = crossed > 1e-12 * total ? (count * count * mean.power - total) / crossed : nil
        // Channels that have nothing to do with each other would leave this much.
        let loss = min(200, 10 * log10(total / (count * count) / max(mean.power, 1e-300)))
        let silence = pow(10, silenceDBFS / 10)
        let reason: ChannelChoice.Reason? =
            if loss > ChannelChoice.mostLoss {
                .cancelled
            } else if mean.loudest < silence, sums[index].loudest >= silence {
                .faint
            } else {
                nil
            }
        return ChannelChoice(
            correlation: correlation.map { max(-1, min(1, $0)) }, loss: loss, loudest: index, reason: reason)
    }

    private mutating func take(_ range: Range<Int>, isWhole: Bool, _ mixdown: inout Mixdown) {
        let frames = range.count / channels
        guard frames > 0 else { return }
        if mono.count < frames { mono = Array(repeating: 0, count: frames) }
        window.withUnsafeBufferPointer { window in
            let values = UnsafeBufferPointer(rebasing: window[range])
            guard let first = values.baseAddress else { return }
            for channel in 0..<channels {
                sums[channel].add(first + channel, count: frames, stride: channels, isWhole: isWhole)
            }
            mono.withUnsafeMutableBufferPointer { mono in
                mixdown.mix(values, into: mono)
                if let first = mono.baseAddress { mean.add(first, count: frames, stride: 1, isWhole: isWhole) }
            }
        }
    }
}

/// Whether the channels of a recording are mixed, or the loudest one is taken in place of the mix.
struct ChannelChoice: Equatable {
    /// Why the loudest channel is taken.
    enum Reason: String {
        /// The channels cancel each other.
        case cancelled
        /// The mean would be silence, because the other channels are.
        case faint
    }

    /// Of the channels with each other, −1 to 1: 1 if they are the same, 0 if they have nothing in common, −1 if they
    /// cancel; `nil` if only one of them has any sound.
    let correlation: Double?
    /// The power that cancels in the mean, in dB: how far the mean is below that of channels that have nothing in
    /// common.
    let loss: Double
    /// The loudest channel, counted from 0.
    let loudest: Int
    /// Why the loudest channel is taken; `nil` if the channels are mixed.
    let reason: Reason?

    /// The most that may cancel, in dB: half of the power. Two channels of equal level lose it at a correlation of −0.5,
    /// which no microphones at two places in one room have.
    static let mostLoss = 3.0

    /// The channel to take; `nil` to mix.
    var channel: Int? { reason == nil ? nil : loudest }

    /// The members for the ledger.
    var figures: JSONObject {
        var figures = JSONObject()
        if let correlation { figures["channel_correlation"] = .figure(correlation, decimals: 3) }
        figures["mix_loss_db"] = .figure(loss, decimals: 1)
        if let reason {
            figures["channel"] = .int(Int64(loudest))
            figures["channel_reason"] = .string(reason.rawValue)
        }
        return figures
    }
}
