package import Fault
package import JSON

/// What became of a recording as a whole.
package enum DecodeResult: Equatable, Sendable {
    /// It passes as it is: its figures for the ledger.
    case passed(JSONObject)
    /// It was cut: each piece was told of when it ended.
    case cut
    /// It ends here, with whatever was told of its pieces.
    case rejected(reason: String, message: String)
}

/// A piece of a recording that was cut.
package struct DecodedPiece: Equatable, Sendable {
    /// What became of it.
    package enum Verdict: Equatable, Sendable {
        /// It passes: its figures for the ledger.
        case passed(JSONObject)
        /// It ends here.
        case rejected(reason: String, message: String)
    }

    /// Where it lies in the recording.
    package let span: PieceSpan
    package let verdict: Verdict

    package init(span: PieceSpan, verdict: Verdict) {
        self.span = span
        self.verdict = verdict
    }
}

/// What a decoder says of a recording, bit by bit.
package enum DecodeMessage: Sendable {
    /// The next samples of the recording, or of the piece in hand: mono, at the pipeline's rate.
    case samples([Float])
    /// The piece in hand ends.
    case piece(DecodedPiece)
    /// The recording ends.
    case end(DecodeResult)
    /// The machine failed, not the recording.
    case failed(Fault)
}
