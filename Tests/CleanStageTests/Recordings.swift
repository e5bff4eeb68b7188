import Foundation
import TestKit

/// Recordings made in memory: 32-bit float WAV, any rate, channels as given.
enum Recordings {
    /// One sine per channel: amplitude and frequency in Hz.
    static func tones(_ channels: [(amplitude: Double, frequency: Double)], rate: Int = 16_000, seconds: Double = 1)
        -> [UInt8]
    {
        let frames = Int(seconds * Double(rate))
        var samples: [Float] = []
        for frame in 0..<frames {
            for channel in channels {
                let phase = 2 * Double.pi * channel.frequency * Double(frame) / Double(rate)
                samples.append(Float(channel.amplitude * sin(phase)))
            }
        }
        return wave(samples, channels: channels.count, rate: rate)
    }

    /// Interleaved samples as a WAV file whose header promises `promised` frames.
    static func wave(_ samples: [Float], channels: Int = 1, rate: Int = 16_000, promised: Int? = nil) -> [UInt8] {
        func little(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(value >> (8 * $0) & 0xFF) } }
        let size = (promised ?? samples.count / channels) * channels * 4
        var bytes = Array("RIFF".utf8) + little(36 + size, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(3, 2)
        bytes += little(channels, 2) + little(rate, 4) + little(rate * channels * 4, 4) + little(channels * 4, 2)
        bytes += little(32, 2) + Array("data".utf8) + little(size, 4)
        for sample in samples { bytes += little(Int(sample.bitPattern), 4) }
        return bytes
    }

    /// A recording of Tests/Fixtures/audio.
    static func fixture(_ name: String) throws -> [UInt8] {
        try Checkout.read("Tests/Fixtures/audio/\(name)")
    }
}
