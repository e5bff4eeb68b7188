public import JSON

/// The names of the ledger's members that several tools know. What a stage writes about an item is a member of the stage's
/// own name.
public enum LedgerKeys {
    /// The item's id, always the first member.
    public static let id = "id"
    /// The item's metadata.
    public static let fields = "fields"
    /// What fetch writes about the raw object: ``FetchRecord``.
    public static let fetch = "fetch"
    /// In what a clean stage writes: how long the recording is.
    public static let seconds = "seconds"
    /// In what a featurize stage writes: the frames of the item's features.
    public static let frames = "frames"
    /// In what a featurize stage writes: the numbers of a frame.
    public static let bins = "bins"
    /// In what an infer stage writes: the best label.
    public static let label = "label"
    /// In what an infer stage writes: the best label's score.
    public static let score = "score"
}

/// What fetch has written about an item's raw object.
public struct FetchRecord: Sendable, Equatable {
    /// The member of the ledger's line, with whatever else the source said.
    public var object: JSONObject

    /// Takes the member.
    public init(_ object: JSONObject) { self.object = object }

    /// The file in the part: `objects/rec-00012.wav`.
    public var file: String? { object["object"]?.string }
    /// Its size.
    public var bytes: Int? { object["bytes"]?.int }
    /// The SHA-256 of its bytes, in hex.
    public var sha256: String? { object["sha256"]?.string }
    /// When it was last written at the source, if that is known.
    public var lastModified: String? { object["last_modified"]?.string }
}

extension LedgerRow {
    /// What fetch has written about the item.
    public var fetched: FetchRecord? {
        get { object[LedgerKeys.fetch]?.object.map(FetchRecord.init) }
        set { object[LedgerKeys.fetch] = newValue.map { .object($0.object) } }
    }
}
