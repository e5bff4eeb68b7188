import Fault
import Glibc
import Resampling
import Testing

/// Lengths, timing, determinism.
struct StreamTests {
    static let modes = ResamplingMode.allCases
    static let rates = [8_000, 11_025, 16_000, 22_050, 44_100, 48_000]

    @Test(arguments: modes, rates)
    func `the length is rounded`(_ mode: ResamplingMode, from rate: Int) throws {
        for count in [0, 1, 2, 3, 10, 159, 160, 161, 1000, 44_101] {
            let exact = Double(count) * 16_000 / Double(rate)
            let output = try resampled([Float](repeating: 0.25, count: count), mode, from: rate, to: 16_000)
            #expect(output.count == Int((exact + 0.5).rounded(.down)), "\(count) samples from \(rate) Hz")
        }
    }

    @Test(arguments: modes)
    func `the blocks do not matter`(_ mode: ResamplingMode) throws {
        let signal = Spectrum.tones([300, 2000, 5100], rate: 44_100, count: 30_000)
        let whole = try resampled(signal, mode, from: 44_100, to: 16_000, block: signal.count)
        for block in [1, 7, 441, 4096] {
            let cut = try resampled(signal, mode, from: 44_100, to: 16_000, block: block)
            #expect(cut.map(\.bitPattern) == whole.map(\.bitPattern), "blocks of \(block)")
        }
    }

    @Test(arguments: modes, [8_000, 44_100, 48_000])
    func `the output is in step with the input`(_ mode: ResamplingMode, from rate: Int) throws {
        // A pulse half-way: its centre of gravity must stay where it is, to a hundredth of a sample.
        let seconds = 0.5
        let centre = 0.25
        let signal = (0..<Int(Double(rate) * seconds)).map { index -> Float in
            let time = Double(index) / Double(rate) - centre
            return Float(exp(-time * time / (2 * 0.001 * 0.001)))
        }
        let output = try resampled(signal, mode, from: rate, to: 16_000)
        let weight = output.reduce(0) { $0 + Double($1) }
        let moment = output.enumerated().reduce(0) { $0 + Double($1.offset) * Double($1.element) }
        #expect(abs(moment / weight - centre * 16_000) < 0.01)
    }

    @Test(arguments: modes)
    func `equal rates pass through untouched`(_ mode: ResamplingMode) throws {
        let signal = Spectrum.tones([440], rate: 16_000, count: 5000)
        #expect(try resampled(signal, mode, from: 16_000, to: 16_000) == signal)
    }

    @Test(arguments: modes)
    func `silence stays silence`(_ mode: ResamplingMode) throws {
        let output = try resampled([Float](repeating: 0, count: 10_000), mode, from: 48_000, to: 16_000)
        #expect(output.allSatisfy { $0 == 0 })
    }

    @Test(arguments: modes, [(0, 16_000), (16_000, 0), (-1, 16_000), (768_000, 1_000), (1_000, 768_000)])
    func `impossible rates are refused`(_ mode: ResamplingMode, rates: (Int, Int)) {
        #expect(!Resampler.canResample(from: rates.0, to: rates.1))
        #expect(
            performing: { _ = try Resampler(mode, from: rates.0, to: rates.1) },
            throws: { error in
                (error as? Fault)?.kind == .configuration
            })
    }

    @Test(arguments: modes, [(768_000, 4_000), (1_000, 192_000), (48_000, 8_000), (16_000, 44_100)])
    func `extreme ratios work`(_ mode: ResamplingMode, rates: (Int, Int)) throws {
        let (from, to) = rates
        let count = from / 10
        let output = try resampled([Float](repeating: 0.5, count: count), mode, from: from, to: to)
        #expect(output.count == count * to / from)
        #expect(output.allSatisfy { $0.isFinite })
    }
}
