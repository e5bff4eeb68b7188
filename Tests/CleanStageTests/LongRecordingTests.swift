import CleanStage
import Foundation
import JSON
import PipelineConfig
import TestKit
import Testing

/// Recordings that are longer than `max_seconds`, with `long = "split"`.
struct LongRecordingTests {
    private let scratch: ScratchFolder
    private static let rate = 8_000

    init() throws { scratch = try ScratchFolder() }

    private func verdict(_ bytes: [UInt8], _ change: (inout DecodeOptions) -> Void = { _ in }) throws -> DecodeVerdict {
        var options = DecodeOptions(CleanConfig())
        options.sampleRate = Self.rate
        options.cutsLong = true
        options.maxSeconds = 10
        change(&options)
        var cleaner = AudioCleaner(options)
        return try cleaner.verdict(for: scratch.write("recording", bytes))
    }

    private func pieces(
        _ bytes: [UInt8], _ change: (inout DecodeOptions) -> Void = { _ in }
    ) throws -> [DecodeVerdict.Piece] {
        guard case .cut(let pieces) = try verdict(bytes, change) else { return [] }
        return pieces
    }

    /// A steady tone that is silent in the given stretches, in seconds.
    private static func tone(seconds: Double, pauses: [ClosedRange<Double>] = []) -> [Float] {
        (0..<Int(seconds * Double(rate))).map { index in
            let time = Double(index) / Double(rate)
            return pauses.contains { $0.contains(time) } ? 0 : Float(0.3 * sin(2 * .pi * 440 * time))
        }
    }

    private func spans(_ pieces: [DecodeVerdict.Piece]) -> [[Int]] {
        pieces.map { [$0.piece.span.start, $0.piece.span.end] }
    }

    @Test func `a recording that is not too long stays whole`() throws {
        let samples = Self.tone(seconds: 10)
        guard case .passed(let figures, let cleaned) = try verdict(Recordings.wave(samples, rate: Self.rate)) else {
            Issue.record("ten seconds are not longer than ten seconds")
            return
        }
        #expect(cleaned == samples && figures["seconds"] == 10.0)
    }

    @Test func `a steady sound is cut at the longest piece`() throws {
        let samples = Self.tone(seconds: 25)
        let pieces = try pieces(Recordings.wave(samples, rate: Self.rate))
        #expect(spans(pieces) == [[0, 100], [100, 200], [200, 250]])
        #expect(pieces.flatMap(\.samples) == samples)
    }

    @Test func `a pause near the end of the piece is where it is cut`() throws {
        // The last quarter of a piece is searched: the pause at 3 s is too early, that at 8.6 s is right.
        let samples = Self.tone(seconds: 16, pauses: [3...3.5, 8.4...8.8])
        let pieces = try pieces(Recordings.wave(samples, rate: Self.rate))
        #expect(spans(pieces) == [[0, 87], [87, 160]])
        #expect(pieces.flatMap(\.samples) == samples)
    }

    @Test func `pieces overlap by what is asked for`() throws {
        let samples = Self.tone(seconds: 25)
        let pieces = try pieces(Recordings.wave(samples, rate: Self.rate)) { $0.overlapSeconds = 1.5 }
        #expect(spans(pieces) == [[0, 100], [85, 185], [170, 250]])
        for piece in pieces {
            let span = piece.piece.span
            #expect(piece.samples == Array(samples[span.start * 800..<span.end * 800]))
        }
    }

    @Test(arguments: [10.05, 10.1, 10.4, 20.2]) func `the last piece is long enough`(seconds: Double) throws {
        let samples = Self.tone(seconds: seconds)
        let pieces = try pieces(Recordings.wave(samples, rate: Self.rate)) { $0.minSeconds = 0.5 }
        #expect(pieces.count == Int(seconds / 10) + 1)
        #expect(pieces.flatMap(\.samples) == samples)
        #expect(pieces.allSatisfy { (4_000...80_000).contains($0.samples.count) })
    }

    @Test func `each piece has figures of its own`() throws {
        // Loud and at full scale first, then quiet.
        var samples = Self.tone(seconds: 20)
        for index in 0..<80_000 { samples[index] = index % 4 == 0 ? 1 : samples[index] }
        let pieces = try pieces(Recordings.wave(samples, rate: Self.rate))
        let figures = pieces.compactMap { piece -> JSONObject? in
            if case .passed(let figures) = piece.piece.verdict { figures } else { nil }
        }
        try #require(figures.count == 2)
        #expect(figures.map { $0["seconds"]?.double } == [10, 10])
        #expect(figures[0]["peak_dbfs"] == 0.0 && figures[1]["peak_dbfs"] == .double(-10.5))
        // Accurate to the source's block: 16,384 samples, two seconds.
        #expect((figures[0]["clipping_ratio"]?.double ?? 0) > 0.2)
        #expect((figures[1]["clipping_ratio"]?.double ?? 1) < 0.05)
        #expect(
            figures[1].members.map(\.name) == [
                "seconds", "source_rate", "source_channels", "source_encoding", "peak_dbfs", "rms_dbfs",
                "silence_ratio", "clipping_ratio", "dc_offset", "snr_db", "bandwidth_hz",
            ])
    }

    @Test func `the figures of a piece are those of the same samples alone`() throws {
        var random = SeededGenerator(seed: 5)
        let samples = Self.tone(seconds: 31.7, pauses: [4...4.2, 9.1...9.4, 18...18.3]).map {
            $0 + Float.random(in: -0.01...0.01, using: &random)
        }
        for piece in try pieces(Recordings.wave(samples, rate: Self.rate)) {
            guard case .passed(let figures, _) = try verdict(Recordings.wave(piece.samples, rate: Self.rate)) else {
                Issue.record("a piece does not pass alone")
                return
            }
            #expect(piece.piece.verdict == .passed(figures))
        }
    }

    @Test func `a silent piece ends here, and the others go on`() throws {
        let pieces = try pieces(Recordings.wave(Self.tone(seconds: 30, pauses: [9.9...20.1]), rate: Self.rate))
        #expect(spans(pieces) == [[0, 100], [100, 200], [200, 300]])
        #expect(
            pieces[1].piece.verdict
                == .rejected(
                    reason: "silent", message: "the loudest 20 ms are at -200.0 dBFS, silence is below -60.0 dBFS"))
    }

    @Test func `damage at the end ends the whole recording`() throws {
        let samples = Self.tone(seconds: 25)
        let cut = Recordings.wave(samples, rate: Self.rate, promised: 30 * Self.rate)
        #expect(try verdict(cut).reason == "truncated")
        var bad = samples
        bad[190_000] = .nan
        #expect(
            try verdict(Recordings.wave(bad, rate: Self.rate))
                == .rejected(reason: "not_finite", message: "sample 190000 is not a finite number"))
    }

    @Test(arguments: [11_025, 44_100, 48_000]) func `pieces of a resampled recording join`(rate: Int) throws {
        let bytes = Recordings.tones([(0.4, 300)], rate: rate, seconds: 33)
        let pieces = try pieces(bytes)
        guard case .passed(_, let whole) = try verdict(bytes, { $0.maxSeconds = 40 }) else {
            Issue.record("the recording does not pass whole")
            return
        }
        #expect(pieces.count == 4)
        #expect(pieces.flatMap(\.samples) == whole)
    }
}
