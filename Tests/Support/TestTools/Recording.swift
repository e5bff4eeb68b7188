internal import Foundation
internal import TestKit

/// A small WAV file made from a seed: a buzz with harmonics under a slow envelope, and some noise, so that no two are
/// alike.
public struct Recording: Sendable {
    /// The file's bytes.
    public let bytes: [UInt8]

    /// Makes a recording.
    ///
    /// - Parameters:
    ///   - seed: decides every sample.
    ///   - seconds: its length.
    ///   - rate: samples per second.
    public init(seed: UInt64, seconds: Double = 0.4, rate: Int = 8000) {
        var chance = SeededGenerator(seed: seed)
        let pitch = Double.random(in: 90...240, using: &chance)
        let samples = (0..<Int(seconds * Double(rate))).map { index in
            let time = Double(index) / Double(rate)
            let envelope = sin(Double.pi * time / seconds)
            let tone = (1...6).reduce(0.0) { $0 + sin(2 * Double.pi * pitch * Double($1) * time) / Double($1) }
            let sample = 0.3 * envelope * tone + Double.random(in: -0.01...0.01, using: &chance)
            return Int16((max(-1, min(1, sample)) * 32767).rounded())
        }
        self.init(samples: samples, rate: rate)
    }

    /// A 16-bit mono WAV file of given samples.
    public init(samples: [Int16], rate: Int) {
        func little(_ number: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
        let data = samples.flatMap { little(Int($0), 2) }
        let form = little(1, 2) + little(1, 2) + little(rate, 4) + little(rate * 2, 4) + little(2, 2) + little(16, 2)
        let chunks =
            Array("fmt ".utf8) + little(form.count, 4) + form + Array("data".utf8) + little(data.count, 4) + data
        bytes = Array("RIFF".utf8) + little(4 + chunks.count, 4) + Array("WAVE".utf8) + chunks
    }

    /// The file after a transfer that broke off: half the bytes.
    public var cut: [UInt8] { Array(bytes[..<(bytes.count / 2)]) }
}
