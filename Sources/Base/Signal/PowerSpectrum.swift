import Glibc

/// Power spectra |X[k]|² of real frames, four frames at a time, for any even length with no prime factor above 5.
///
/// A real transform of length N is a complex one of length N/2 on (even, odd) sample pairs and one step that parts the
/// two: X[k] = E[k] + exp(−2πik/N)·O[k]. The plan owns its tables and scratch: make it once for each worker, reuse it.
package struct PowerSpectrum: ~Copyable {
    /// Samples in a frame.
    package let length: Int
    /// Numbers in a spectrum: bins 0 … length/2.
    package var binCount: Int { length / 2 + 1 }

    private let passes: [FourierPass]
    private let twiddles: FixedBuffer<Twiddle>
    private let realTwiddles: FixedBuffer<Twiddle>
    private let ping: FixedBuffer<Lanes>
    private let pong: FixedBuffer<Lanes>

    package init(length: Int) throws(OptionsError) {
        guard length >= 4, length.isMultiple(of: 2), let radices = Self.radices(of: length / 2) else {
            throw OptionsError(
                "a transform of \(length) samples is not possible: take an even length made of 2, 3 and 5")
        }
        self.length = length
        let half = length / 2

        var passes: [FourierPass] = []
        var roots: [Twiddle] = []
        var remaining = half
        for radix in radices {
            passes.append(
                FourierPass(
                    radix: radix, butterflies: remaining / radix, stride: half / remaining, twiddleOffset: roots.count))
            for p in 0..<(remaining / radix) {
                for k in 1..<radix { roots.append(Self.root(p * k, of: remaining)) }
            }
            remaining /= radix
        }
        self.passes = passes
        twiddles = FixedBuffer(roots)
        realTwiddles = FixedBuffer((0...half / 2).map { Self.root($0, of: length) })
        ping = FixedBuffer(repeating: .zero, count: length)
        pong = FixedBuffer(repeating: .zero, count: length)
    }

    /// Computes 4·|X[k]|², k = 0 … length/2, of each frame of a group.
    ///
    /// Halving the frames beforehand (in the window, where it costs nothing and rounds nothing) gives |X[k]|² itself.
    package func compute(_ frame: UnsafePointer<Lanes>, into power: UnsafeMutablePointer<Lanes>) {
        var source = frame
        var target = ping.base
        for pass in passes {
            pass.run(from: source, to: target, twiddles: twiddles.base + pass.twiddleOffset)
            source = UnsafePointer(target)
            target = target == ping.base ? pong.base : ping.base
        }
        split(source, into: power)
    }

    private func split(_ z: UnsafePointer<Lanes>, into power: UnsafeMutablePointer<Lanes>) {
        let half = length / 2
        let zero = z.complex(0)
        let sum = (zero.re + zero.im) * 2
        let difference = (zero.re - zero.im) * 2
        power[0] = sum * sum
        power[half] = difference * difference

        let roots = realTwiddles.base
        for k in stride(from: 1, through: half / 2, by: 1) {
            let a = z.complex(k)
            let b = z.complex(half &- k)
            let even = ComplexLanes(a.re + b.re, a.im - b.im)
            let odd = ComplexLanes(a.im + b.im, b.re - a.re) * roots[k]
            let low = even + odd
            let high = even - odd
            power[k] = low.re * low.re + low.im * low.im
            power[half &- k] = high.re * high.re + high.im * high.im
        }
    }

    /// exp(−2πi·index/count), computed in double.
    private static func root(_ index: Int, of count: Int) -> Twiddle {
        let angle = -2 * Double.pi * Double(index % count) / Double(count)
        return Twiddle(re: Float(cos(angle)), im: Float(sin(angle)))
    }

    private static func radices(of count: Int) -> [Int]? {
        var rest = count
        var radices: [Int] = []
        for radix in [4, 2, 3, 5] {
            while rest.isMultiple(of: radix) {
                radices.append(radix)
                rest /= radix
            }
        }
        return rest == 1 ? radices : nil
    }
}
