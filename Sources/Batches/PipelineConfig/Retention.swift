internal import JSON

/// `[gc]`: what `batches gc` leaves in place.
public struct Retention: Sendable, Equatable {
    /// Sealed versions of each stage that are kept, the newest first, beside those that are in use; at least 1.
    public var keep: Int
    /// How long raw objects are kept after they came, in seconds; `nil` for ever.
    public var raw: Double?
    /// How long an unsealed version that a dead run left is kept for the next run to go on with, in seconds.
    public var unsealed: Double

    /// What is kept where no pipeline says otherwise.
    public init(keep: Int = 2, raw: Double? = nil, unsealed: Double = 86400) {
        self.keep = keep
        self.raw = raw
        self.unsealed = unsealed
    }

    /// Takes the values of a section that was validated.
    init(_ values: JSONObject) {
        self.init()
        if let keep = values["keep"]?.int { self.keep = keep }
        raw = values["raw"]?.double
        if let unsealed = values["unsealed"]?.double { self.unsealed = unsealed }
    }
}
