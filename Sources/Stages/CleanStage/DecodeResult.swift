package import Fault
package import JSON

/// The result of a recording as a whole.
package enum DecodeResult: Equatable, Sendable {
    /// It passed whole, with these figures for the ledger.
    case passed(JSONObject)
    /// It was cut; each piece was reported when it ended.
    case cut
    /// It is rejected, after any pieces reported so far.
    case rejected(reason: String, message: String)
}

/// A piece of a recording that was cut.
package struct DecodedPiece: Equatable, Sendable {
    /// The result.
    package enum Verdict: Equatable, Sendable {
        /// It passed, with these figures for the ledger.
        case passed(JSONObject)
        /// It is rejected.
        case rejected(reason: String, message: String)
    }

    /// Its position in the recording.
    package let span: PieceSpan
    package let verdict: Verdict

    package init(span: PieceSpan, verdict: Verdict) {
        self.span = span
        self.verdict = verdict
    }
}

/// A decoder's messages about a recording, in order.
package enum DecodeMessage: Sendable {
    /// The next samples of the recording, or of its current piece: mono, at the pipeline's rate.
    case samples([Float])
    /// The current piece ends.
    case piece(DecodedPiece)
    /// The recording ends.
    case end(DecodeResult)
    /// The machine failed, not the recording.
    case failed(Fault)
}
