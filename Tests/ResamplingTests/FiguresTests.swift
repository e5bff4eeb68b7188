import Glibc
import Resampling
import TestKit
import Testing

/// Prints the table of docs/decisions/resampling.md: `swift test --filter FiguresTests`.
@Suite(.tags(.slow)) struct FiguresTests {
    @Test func `resamplers have the figures of the decision record`() throws {
        var speeds: [ResamplingMode: Double] = [:]
        for mode in ResamplingMode.allCases {
            for rate in [8_000, 44_100, 48_000] {
                let measurement = Measurement(mode, from: rate)
                let noise = try -measurement.artefact(besides: [997])
                let speed = try speed(mode, from: rate)
                var line = "\(mode.rawValue) from \(rate) Hz: \(Int(speed)) s/s, SNR \(rounded(noise)) dB"
                if rate > 16_000 {
                    line += ", 7.5 kHz \(rounded(try measurement.gain(at: 7500))) dB"
                    line += ", alias of 8.5 kHz \(rounded(try measurement.alias(of: 8500))) dB"
                    speeds[mode] = speed
                }
                print(line)
            }
        }
        // The reason for the decision. It is a factor of about a hundred; ten leaves room for a busy machine.
        let (soxr, best) = (try #require(speeds[.soxrHQ]), try #require(speeds[.samplerateBest]))
        #expect(soxr > 10 * best)
    }

    private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// Seconds of audio a second of this thread's time.
    private func speed(_ mode: ResamplingMode, from rate: Int) throws -> Double {
        let seconds = mode == .samplerateBest ? 5 : 60
        let signal = Spectrum.tones([440], rate: rate, count: rate)
        let long = Array(repeatElement(signal, count: seconds).joined())
        let start = threadSeconds()
        _ = try resampled(long, mode, from: rate, to: 16_000)
        return Double(seconds) / (threadSeconds() - start)
    }

    private func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
