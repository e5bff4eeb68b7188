internal import CFourier
import Glibc

/// Power spectra |X[k]|² of real frames, eight frames at a time, for any even length with no prime factor above 5.
///
/// A real transform of length N is a complex one of length N/2 on (even, odd) sample pairs, followed by a step that
/// separates the two: X[k] = E[k] + exp(−2πik/N)·O[k]. The plan owns its tables and scratch: make one per worker and
/// reuse it.
package struct PowerSpectrum: ~Copyable {
    /// Samples in a frame.
    package let length: Int
    /// Numbers in a spectrum: bins 0 … length/2.
    package var binCount: Int { length / 2 + 1 }

    private let loops: nocturne_fourier_kernel
    private let passes: FixedBuffer<nocturne_fourier_pass>
    private let roots: FixedBuffer<ComplexRoot>
    private let realRoots: FixedBuffer<ComplexRoot>
    private let ping: FixedBuffer<Lanes>
    private let pong: FixedBuffer<Lanes>

    package init(length: Int, kernel: FourierKernel = .widest) throws(OptionsError) {
        guard length >= 4, length.isMultiple(of: 2), let radices = Self.radices(of: length / 2) else {
            throw OptionsError(
                "a transform of \(length) samples is not possible: take an even length made of 2, 3 and 5")
        }
        self.length = length
        let half = length / 2

        // The roots of all passes, one pass after the other; root(0) = 1 is left out.
        var roots: [ComplexRoot] = []
        var offsets: [Int] = []
        var remaining = half
        for radix in radices {
            offsets.append(roots.count)
            for p in 0..<(remaining / radix) {
                for k in 1..<radix { roots.append(ComplexRoot(p * k, of: remaining)) }
            }
            remaining /= radix
        }
        self.roots = FixedBuffer(roots)
        realRoots = FixedBuffer((0...half / 2).map { ComplexRoot($0, of: length) })
        ping = FixedBuffer(repeating: .zero, count: length)
        pong = FixedBuffer(repeating: .zero, count: length)

        var passes: [nocturne_fourier_pass] = []
        remaining = half
        for (radix, offset) in zip(radices, offsets) {
            passes.append(
                nocturne_fourier_pass(
                    radix: radix, butterflies: remaining / radix, stride: half / remaining,
                    roots: self.roots.base + offset))
            remaining /= radix
        }
        self.passes = FixedBuffer(passes)
        loops = kernel.loops
    }

    /// Computes 4·|X[k]|², k = 0 … length/2, of each frame of a group.
    ///
    /// Halving the frames beforehand (in the window, where it is free and exact) gives |X[k]|² itself.
    package func compute(_ frame: UnsafePointer<Lanes>, into power: UnsafeMutablePointer<Lanes>) {
        var source = frame
        var target = ping.base
        for index in 0..<passes.count {
            loops.pass(passes.base + index, source, target)
            source = UnsafePointer(target)
            target = target == ping.base ? pong.base : ping.base
        }
        loops.power(source, length / 2, realRoots.base, power)
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

// Not private: other files free it, and Swift 6.3.1 crashes in debug builds where they cannot see its layout.
/// exp(−2πi·index/count), computed in double.
struct ComplexRoot: BitwiseCopyable {
    let re: Float
    let im: Float

    init(_ index: Int, of count: Int) {
        let angle = -2 * Double.pi * Double(index % count) / Double(count)
        (re, im) = (Float(cos(angle)), Float(sin(angle)))
    }
}
