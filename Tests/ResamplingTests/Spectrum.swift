import Glibc

/// The tones of the quality tests, under a window that leaks nothing above −180 dB, and their spectrum.
enum Spectrum {
    /// Kaiser window, β = 20: side lobes below −190 dB, main lobe 6.4 bins to each side.
    static func kaiser(_ count: Int, beta: Double = 20) -> [Double] {
        func bessel(_ x: Double) -> Double {
            var (sum, term, k) = (1.0, 1.0, 1.0)
            while term > sum * 1e-18 {
                term *= (x / 2 / k) * (x / 2 / k)
                sum += term
                k += 1
            }
            return sum
        }
        return (0..<count).map { index in
            let position = 2 * Double(index) / Double(count - 1) - 1
            return bessel(beta * (1 - position * position).squareRoot()) / bessel(beta)
        }
    }

    /// A windowed sum of cosines of amplitude 1 / tones, `frequencies` in Hz.
    static func tones(_ frequencies: [Double], rate: Int, count: Int) -> [Float] {
        let window = kaiser(count)
        return (0..<count).map { index in
            let sum = frequencies.reduce(0) { $0 + cos(2 * Double.pi * $1 * Double(index) / Double(rate)) }
            return Float(window[index] * sum / Double(frequencies.count))
        }
    }

    /// Magnitudes in dB, bins 0 to size/2, of a signal filled with zeros to a power of two.
    static func decibels(_ signal: [Float], size: Int) -> [Double] {
        var real = signal.map { Double($0) } + [Double](repeating: 0, count: size - signal.count)
        var imaginary = [Double](repeating: 0, count: size)
        transform(&real, &imaginary)
        return (0...size / 2).map { bin in
            10 * log10(max(real[bin] * real[bin] + imaginary[bin] * imaginary[bin], 1e-300))
        }
    }

    /// In-place radix-2 Fourier transform, double precision.
    private static func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
        let size = real.count
        var reversed = 0
        for index in 1..<size {
            var bit = size >> 1
            while reversed & bit != 0 {
                reversed ^= bit
                bit >>= 1
            }
            reversed |= bit
            if index < reversed {
                real.swapAt(index, reversed)
                imaginary.swapAt(index, reversed)
            }
        }
        var length = 2
        while length <= size {
            for offset in 0..<length / 2 {
                let angle = -2 * Double.pi * Double(offset) / Double(length)
                let (c, s) = (cos(angle), sin(angle))
                for start in stride(from: offset, to: size, by: length) {
                    let other = start + length / 2
                    let (r, i) = (real[other] * c - imaginary[other] * s, real[other] * s + imaginary[other] * c)
                    (real[other], imaginary[other]) = (real[start] - r, imaginary[start] - i)
                    (real[start], imaginary[start]) = (real[start] + r, imaginary[start] + i)
                }
            }
            length *= 2
        }
    }
}
