internal import SoundFile

/// Why this stage rejects an item.
struct Rejection: Error, Hashable, Sendable {
    /// The reason codes of clean, documented in the batch format.
    enum Reason: String, Sendable {
        case truncated
        case undecodable
        case unsupported
        case tooShort = "too_short"
        case tooLong = "too_long"
        case silent
        case notFinite = "not_finite"
        case missingField = "missing_field"
        case invalidField = "invalid_field"
        case badKey = "bad_key"
    }

    let reason: Reason
    let message: String

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    init(_ refusal: AudioRefusal) {
        switch refusal.reason {
        case .truncated: reason = .truncated
        case .undecodable: reason = .undecodable
        case .unsupported: reason = .unsupported
        }
        message = refusal.message
    }
}
