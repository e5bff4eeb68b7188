internal import Signal

/// What comes out of the resampler, on its way out: measured, cut where it gets too long, and handed on in blocks, so that
/// memory does not follow a recording's length.
struct CleanedSamples {
    /// The samples that somebody still looks at; the resampler appends to them.
    var samples: [Float] = []
    /// Whether a sample is infinite or not a number; what is measured then means nothing.
    private(set) var overflows = false
    /// Pieces that were cut off so far.
    private(set) var pieces = 0

    /// Which of the recording's samples stands first in ``samples``.
    private var first = 0
    /// The recording's first sample that is not handed on yet.
    private var sent = 0
    /// Where the recording, or the piece in hand, starts: in tenths of a second.
    private var start = 0
    private let cutter: PieceCutter?
    private let meter: QualityMeter
    private let blockSize: Int

    /// - Parameters:
    ///   - cutter: where to cut; `nil` if a recording stays whole.
    ///   - meter: measures the recording, or each of its pieces.
    ///   - blockSize: samples that are handed on at a time.
    init(cutter: PieceCutter?, meter: QualityMeter, blockSize: Int) {
        self.cutter = cutter
        self.meter = meter
        self.blockSize = blockSize
        samples.reserveCapacity(2 * blockSize)
    }

    /// The recording's samples so far.
    var end: Int { first + samples.count }

    /// The sample that the piece in hand starts with.
    private var startSample: Int { cutter.map { $0.sample(at: start) } ?? 0 }

    /// Hands on what can be handed on.
    ///
    /// - Parameters:
    ///   - take: is given the next samples.
    ///   - piece: is told where a piece lies whose samples have all been handed on, and what they are like.
    mutating func handOn(
        _ take: (UnsafeBufferPointer<Float>) -> Void, piece: (PieceSpan, AudioQuality) -> Void
    ) {
        guard end - sent >= blockSize else { return }
        cutPieces(isLast: false, take, piece)
        // What is searched for a pause may belong to either piece.
        let sure = min(end, cutter?.searchStart(from: start) ?? end)
        if sure > sent { send(until: sent + (sure - sent) / blockSize * blockSize, take) }
        meter.add(samples.span.extracting(unmeasured(until: sent)), from: meter.needed)
        dropUnneeded()
    }

    /// Hands on the rest, and tells what the recording is like, or its last piece.
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

    /// Where the samples up to one lie that the meter has yet to look at.
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
