import CleanStage
import Fault
import JSON

/// The result of one recording, assembled from a decoder's messages.
enum DecodeVerdict: Equatable, Sendable {
    case passed(figures: JSONObject, samples: [Float])
    case rejected(reason: String, message: String)
    case cut([Piece])

    /// A piece with its samples, which are empty if it was rejected.
    struct Piece: Equatable, Sendable {
        let piece: DecodedPiece
        let samples: [Float]
    }

    var reason: String? { if case .rejected(let reason, _) = self { reason } else { nil } }
}

/// Assembles a verdict in the way the stage assembles a part.
struct VerdictCollector {
    private var samples: [Float] = []
    private var pieces: [DecodeVerdict.Piece] = []

    mutating func take(_ block: some Sequence<Float>) { samples.append(contentsOf: block) }

    mutating func take(_ piece: DecodedPiece) {
        if case .rejected = piece.verdict { samples = [] }
        pieces.append(DecodeVerdict.Piece(piece: piece, samples: samples))
        samples = []
    }

    func verdict(_ result: DecodeResult) -> DecodeVerdict {
        switch result {
        case .passed(let figures): .passed(figures: figures, samples: samples)
        case .cut: .cut(pieces)
        case .rejected(let reason, let message): .rejected(reason: reason, message: message)
        }
    }
}

extension AudioCleaner {
    /// Decodes a whole file in this process.
    mutating func verdict(for path: String) throws(Fault) -> DecodeVerdict {
        var collector = VerdictCollector()
        // Both closures write to it, so they share it through a box.
        var events: [Event] = []
        let result = try clean(path) {
            events.append(.samples(Array($0)))
        } piece: {
            events.append(.piece($0))
        }
        for event in events {
            switch event {
            case .samples(let samples): collector.take(samples)
            case .piece(let piece): collector.take(piece)
            }
        }
        return collector.verdict(result)
    }

    private enum Event {
        case samples([Float])
        case piece(DecodedPiece)
    }
}

extension DecoderPool {
    /// Decodes a whole file in a separate process.
    func verdict(for path: String, bytes: Int = 0) throws(Fault) -> DecodeVerdict? {
        var collector = VerdictCollector()
        var verdict: DecodeVerdict?
        try finish(begin(path, bytes: bytes)) { (step) throws(Fault) in
            switch step {
            case .startOver: collector = VerdictCollector()
            case .message(.samples(let samples)): collector.take(samples)
            case .message(.piece(let piece)): collector.take(piece)
            case .message(.end(let result)): verdict = collector.verdict(result)
            case .message(.failed(let fault)): throw fault
            }
        }
        return verdict
    }
}
