internal import Signal

/// The resampler's output: measured, cut if it gets too long, and passed on in blocks, so that memory does not grow
/// with a recording's length.
struct CleanedSamples {
    /// The samples still needed; the resampler appends to them.
    var samples: [Float] = []
    /// Whether a sample is infinite or NaN, which makes the measurements meaningless.
    private(set) var overflows = false
    /// The number of pieces cut so far.
    private(set) var pieces = 0

    /// The position in the recording of the first of ``samples``.
    private var first = 0
    /// The position of the first sample not passed on yet.
    private var sent = 0
    /// Where the recording, or its current piece, starts, in tenths of a second.
    private var start = 0
    private let cutter: PieceCutter?
    private let meter: QualityMeter
    private let blockSize: Int

    /// - Parameters:
    ///   - cutter: where to cut; `nil` if recordings stay whole.
    ///   - meter: measures the recording, or each of its pieces.
    ///   - blockSize: the number of samples passed on at a time.
    init(cutter: PieceCutter?, meter: QualityMeter, blockSize: Int) {
        self.cutter = cutter
        self.meter = meter
        self.blockSize = blockSize
        samples.reserveCapacity(2 * blockSize)
    }

    /// The number of samples of the recording so far.
    var end: Int { first + samples.count }

    /// The first sample of the current piece.
    private var startSample: Int { cutter.map { $0.sample(at: start) } ?? 0 }

    /// Passes on the samples that are ready.
    ///
    /// - Parameters:
    ///   - take: receives the next samples.
    ///   - piece: receives a piece's position and figures after all its samples.
    mutating func handOn(
        _ take: (UnsafeBufferPointer<Float>) -> Void, piece: (PieceSpan, AudioQuality) -> Void
    ) {
        guard end - sent >= blockSize else { return }
        cutPieces(isLast: false, take, piece)
        // Samples searched for a pause may belong to either piece.
        let sure = min(end, cutter?.searchStart(from: start) ?? end)
        if sure > sent { send(until: sent + (sure - sent) / blockSize * blockSize, take) }
        meter.add(samples.span.extracting(unmeasured(until: sent)), from: meter.needed)
        dropUnneeded()
    }

    /// Passes on the rest, with the figures of the recording or of its last piece.
    mutating func finish(
        _ take: (UnsafeBufferPointer<Float>) -> Void, piece: (PieceSpan, AudioQuality) -> Void
    ) -> (span: PieceSpan, quality: AudioQuality) {
        cutPieces(isLast: true, take, piece)
        let span = PieceSpan(start: start, end: cutter.map { $0.tenths(at: end) } ?? 0)
        return (span, endPiece(at: end, take))
    }

    private mutating func cutPieces(
        isLast: Bool, _ take: (UnsafeBufferPointer<Float>) -> Void, _ piece: (PieceSpan, AudioQuality) -> Void
    ) {
        guard let cutter else { return }
        while let cut = cutter.cut(from: start, in: samples.span, first: first, isLast: isLast) {
            let quality = endPiece(at: cutter.sample(at: cut), take)
            pieces += 1
            if !overflows { piece(PieceSpan(start: start, end: cut), quality) }
            start = cutter.next(after: cut)
            sent = startSample
        }
    }

    private mutating func endPiece(at end: Int, _ take: (UnsafeBufferPointer<Float>) -> Void) -> AudioQuality {
        send(until: end, take)
        return meter.finish(samples.span.extracting(unmeasured(until: end)), from: meter.needed)
    }

    /// The samples up to a position that the meter has not measured yet.
    private func unmeasured(until end: Int) -> Range<Int> { startSample + meter.needed - first..<end - first }

    private mutating func send(until end: Int, _ take: (UnsafeBufferPointer<Float>) -> Void) {
        while sent < end {
            let block = sent - first..<min(sent + blockSize, end) - first
            if AudioQuality.firstNonFinite(in: samples.span.extracting(block)) != nil { overflows = true }
            samples.withUnsafeBufferPointer { take(UnsafeBufferPointer(rebasing: $0[block])) }
            sent += block.count
        }
    }

    private mutating func dropUnneeded() {
        var needed = min(sent, startSample + meter.needed)
        if let cutter { needed = min(needed, cutter.earliestNext(from: start)) }
        if needed > first {
            samples.removeFirst(needed - first)
            first = needed
        }
    }
}
