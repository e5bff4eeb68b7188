import Foundation
import Signal

/// The same features in double precision, written in the plainest way from their definitions: the reference where two
/// single-precision implementations differ.
enum ReferenceFeatures {
    static func kaldiFbank(_ samples: [Float], _ options: KaldiFbank.Options = .init()) -> [Double] {
        kaldiLogMel(
            samples, options.frames, options.melBins, low: options.lowFrequency, high: options.highFrequency
        ).flatMap(\.logMel)
    }

    static func kaldiMFCC(_ samples: [Float], _ options: KaldiMFCC.Options = .init()) -> [Double] {
        let frames = kaldiLogMel(
            samples, options.frames, options.melBins, low: options.lowFrequency, high: options.highFrequency)
        return frames.flatMap { frame in
            (0..<options.cepstra).map { k -> Double in
                if k == 0 && options.useEnergy { return frame.logEnergy }
                let bins = Double(options.melBins)
                var sum = 0.0
                for (n, value) in frame.logMel.enumerated() {
                    sum += value * cos(.pi / bins * (Double(n) + 0.5) * Double(k))
                }
                let lifter = options.cepstralLifter
                let lift = lifter == 0 ? 1 : 1 + lifter / 2 * sin(.pi * Double(k) / lifter)
                return sum * (k == 0 ? 1 / bins : 2 / bins).squareRoot() * lift
            }
        }
    }

    static func whisper(_ samples: [Float], bins: Int) -> [Double] {
        let x = samples.map { Double($0) }
        let edges = (0..<bins + 2).map { slaneyHertz(Double($0) / Double(bins + 1) * slaneyMel(8000)) }
        let logs = (0..<x.count / 160).flatMap { frame -> [Double] in
            let windowed = (0..<400).map { n -> Double in
                var index = 160 * frame - 200 + n
                if index < 0 { index = -index }
                if index >= x.count { index = 2 * x.count - 2 - index }
                return x[index] * (0.5 - 0.5 * cos(2 * .pi * Double(n) / 400))
            }
            let power = powerSpectrum(windowed)
            return (0..<bins).map { filter -> Double in
                let (left, center, right) = (edges[filter], edges[filter + 1], edges[filter + 2])
                var energy = 0.0
                for (bin, value) in power.enumerated() {
                    let hertz = Double(bin) * 40
                    let weight = min((hertz - left) / (center - left), (right - hertz) / (right - center))
                    energy += max(0, weight) * 2 / (right - left) * value
                }
                return log10(max(energy, 1e-10))
            }
        }
        let floor = (logs.max() ?? 0) - 8
        return logs.map { (max($0, floor) + 4) / 4 }
    }

    private static func kaldiLogMel(
        _ samples: [Float], _ options: KaldiFrameOptions, _ bins: Int, low: Double, high: Double
    ) -> [(logMel: [Double], logEnergy: Double)] {
        let rate = Double(options.sampleRate)
        let length = Int(rate * 0.001 * options.frameLength)
        let shift = Int(rate * 0.001 * options.frameShift)
        let count = samples.count
        let frames =
            options.snipEdges ? (count < length ? 0 : 1 + (count - length) / shift) : (count + shift / 2) / shift
        var padded = 1
        while padded < length { padded *= 2 }
        let epsilon = Double(Float.ulpOfOne)

        return (0..<frames).map { frame in
            let start = options.snipEdges ? frame * shift : frame * shift + shift / 2 - length / 2
            var x = (0..<length).map { n -> Double in
                var index = start + n
                while index < 0 || index >= count { index = index < 0 ? -index - 1 : 2 * count - 1 - index }
                return Double(samples[index]) * 32768
            }
            let mean = x.reduce(0, +) / Double(length)
            x = x.map { $0 - mean }
            let energy = x.reduce(0) { $0 + $1 * $1 }
            for n in stride(from: length - 1, through: 0, by: -1) { x[n] -= options.preemphasis * x[max(n - 1, 0)] }
            for n in 0..<length {
                let cosine = cos(2 * .pi * Double(n) / Double(length - 1))
                x[n] *= options.window == .hamming ? 0.54 - 0.46 * cosine : pow(0.5 - 0.5 * cosine, 0.85)
            }
            let power = powerSpectrum(x + [Double](repeating: 0, count: padded - length))
            let upper = high > 0 ? high : rate / 2 + high
            let step = (htkMel(upper) - htkMel(low)) / Double(bins + 1)
            let logMel = (0..<bins).map { filter -> Double in
                let left = htkMel(low) + Double(filter) * step
                var sum = 0.0
                for bin in 0..<padded / 2 {
                    let position = (htkMel(Double(bin) * rate / Double(padded)) - left) / step
                    sum += max(0, min(position, 2 - position)) * power[bin]
                }
                return log(max(sum, epsilon))
            }
            return (logMel, log(max(energy, epsilon)))
        }
    }

    /// |X[k]|², k = 0 … N/2, by the definition.
    static func powerSpectrum(_ x: [Double]) -> [Double] {
        let count = x.count
        let cosines = (0..<count).map { cos(2 * .pi * Double($0) / Double(count)) }
        let sines = (0..<count).map { sin(2 * .pi * Double($0) / Double(count)) }
        return (0...count / 2).map { k in
            var (re, im, angle) = (0.0, 0.0, 0)
            for sample in x {
                re += sample * cosines[angle]
                im -= sample * sines[angle]
                angle = (angle + k) % count
            }
            return re * re + im * im
        }
    }

    private static func htkMel(_ hertz: Double) -> Double { 1127 * log(1 + hertz / 700) }
    private static func slaneyMel(_ hertz: Double) -> Double {
        hertz < 1000 ? hertz * 3 / 200 : 15 + 27 * log(hertz / 1000) / log(6.4)
    }
    private static func slaneyHertz(_ mel: Double) -> Double {
        mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) / 27 * log(6.4))
    }
}
