import Foundation
import Signal
import Testing

@Suite struct PowerSpectrumTests {
    private static let lengths = [4, 6, 8, 10, 12, 16, 30, 64, 90, 128, 256, 400, 512, 600, 1024]

    @Test(arguments: lengths)
    func `the transform agrees with its definition`(length: Int) throws {
        let frames = Self.noise(length: length)
        let power = Self.power(of: frames, try PowerSpectrum(length: length))
        for (lane, frame) in frames.enumerated() {
            let exact = ReferenceFeatures.powerSpectrum(frame.map { Double($0) }).map { 4 * $0 }
            let largest = exact.max() ?? 0
            #expect(exact.count == power.count)
            for bin in exact.indices { #expect(abs(Double(power[bin][lane]) - exact[bin]) <= 2e-6 * largest) }
        }
    }

    /// On a machine whose widest registers are the baseline's, both runs use the same loops.
    @Test(arguments: lengths)
    func `the transform has the same bits in every kind of register`(length: Int) throws {
        let frames = Self.noise(length: length)
        let baseline = Self.power(of: frames, try PowerSpectrum(length: length, kernel: .baseline))
        let widest = Self.power(of: frames, try PowerSpectrum(length: length, kernel: .widest))
        for (bin, (a, b)) in zip(baseline, widest).enumerated() {
            for lane in 0..<Lanes.scalarCount {
                #expect(a[lane].bitPattern == b[lane].bitPattern, "bin \(bin) of frame \(lane)")
            }
        }
        #expect(baseline.contains { $0 != .zero })
    }

    /// A frame for each lane.
    private static func noise(length: Int) -> [[Float]] {
        var noise = Noise(seed: UInt64(length))
        return (0..<Lanes.scalarCount).map { _ in (0..<length).map { _ in noise.next() } }
    }

    private static func power(of frames: [[Float]], _ spectrum: borrowing PowerSpectrum) -> [Lanes] {
        let lanes = (0..<spectrum.length).map { index in Lanes(frames.map { $0[index] }) }
        var power = [Lanes](repeating: .zero, count: spectrum.binCount)
        spectrum.compute(lanes, into: &power)
        return power
    }

    @Test(arguments: [0, 2, 7, 14, 22, 401])
    func `the transform refuses other lengths`(length: Int) {
        #expect(throws: OptionsError.self) { _ = try PowerSpectrum(length: length) }
    }
}

@Suite struct LogarithmTests {
    @Test func `the logarithm is within two units in the last place`() {
        var worst = 0.0
        for pattern in stride(from: Float.leastNormalMagnitude.bitPattern, to: Float.infinity.bitPattern, by: 9_973) {
            let x = Float(bitPattern: pattern)
            let exact = log(Double(x))
            let error = abs(Double(naturalLogarithm(Lanes(repeating: x))[0]) - exact) / Double(Float(exact).ulp)
            if abs(exact) > 1e-3 { worst = max(worst, error) }
        }
        print("natural logarithm: \(worst) units in the last place")
        #expect(worst <= 2)
        #expect(naturalLogarithm(Lanes(repeating: 1)) == .zero)
        #expect(naturalLogarithm(Lanes(repeating: .infinity))[0].isNaN)
        #expect(naturalLogarithm(Lanes(repeating: .nan))[0].isNaN)
    }
}

@Suite struct MelScaleTests {
    @Test(arguments: [MelScale.htk, .slaney], [20.0, 440, 999, 1000, 3700, 8000])
    func `the mel scale goes there and back`(scale: MelScale, hertz: Double) {
        #expect(abs(scale.hertz(mel: scale.mel(hertz: hertz)) - hertz) < 1e-8)
    }

    @Test func `the mel scale has its known values`() {
        // 1000 Hz is defined as about 1000 mel by HTK, as 15 by Slaney.
        #expect(abs(MelScale.htk.mel(hertz: 1000) - 1000) < 0.02)
        #expect(MelScale.slaney.mel(hertz: 1000) == 15)
    }
}

@Suite struct MelFilterBankTests {
    @Test func `neighbouring filters share each bin`() throws {
        let bank = try MelFilterBank.kaldi(
            count: 80, transformLength: 512, sampleRate: 16000, lowFrequency: 20, highFrequency: 0)
        var sums = [Double](repeating: 0, count: 256)
        for filter in bank.filters {
            for (offset, weight) in filter.weights.enumerated() { sums[filter.firstBin + offset] += weight }
        }
        // Between the first and the last centre, the triangles on both sides of a bin add up to 1.
        #expect(sums[3...245].allSatisfy { abs($0 - 1) < 1e-12 })
        #expect(sums[0] == 0)
    }

    @Test func `filters finer than the spectrum are refused`() {
        #expect(throws: OptionsError.self) {
            try MelFilterBank.kaldi(
                count: 200, transformLength: 512, sampleRate: 16000, lowFrequency: 20, highFrequency: 0)
        }
    }

    @Test(arguments: [(-1.0, 0.0), (20, 8001), (4000, 300), (20, -8000)])
    func `impossible edges are refused`(low: Double, high: Double) {
        #expect(throws: OptionsError.self) {
            try MelFilterBank.kaldi(
                count: 40, transformLength: 512, sampleRate: 16000, lowFrequency: low, highFrequency: high)
        }
    }
}

@Suite struct WindowTests {
    @Test(arguments: Window.allCases)
    func `a window is symmetric`(window: Window) {
        let coefficients = window.coefficients(count: 401)
        #expect(zip(coefficients, coefficients.reversed()).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(abs(coefficients[200] - 1) < 1e-12)
    }

    @Test func `periodic windows join`() {
        // Four quarter-shifted periodic Hann windows add up to 2 everywhere.
        let window = Window.hann.coefficients(count: 400, periodic: true)
        for index in 0..<100 {
            let sum = stride(from: index, to: 400, by: 100).reduce(0) { $0 + window[$1] }
            #expect(abs(sum - 2) < 1e-12)
        }
    }
}

/// Reproducible numbers from −1 to 1.
struct Noise {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2 &+ 1 }

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }

    /// `count` numbers from −amplitude to amplitude.
    mutating func samples(_ count: Int, amplitude: Float) -> [Float] { (0..<count).map { _ in next() * amplitude } }
}
