// RunEvent says what the members are that every event has.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// The predictions of the batch are in the database.
public struct BatchLoaded: RunEvent {
    public static let name = "loaded"
    public static let meaning = "The predictions of the batch are in the database."
    public static let figures: [Figure<Self>] = [
        Figure("database", \.database), Figure("predictions", \.predictions), Figure("transaction", \.transaction),
        Figure("seconds", \.seconds),
    ]
    public var message = ""
    /// The database, without user and password.
    public private(set) var database = ""
    /// Rows loaded.
    public private(set) var predictions = 0
    /// The transaction.
    public private(set) var transaction = 0
    /// How long it took.
    public private(set) var seconds = 0.0

    public init() {}

    /// A load.
    public init(_ predictions: Int, into database: String, transaction: Int, seconds: Double) {
        self.database = database
        self.predictions = predictions
        self.transaction = transaction
        self.seconds = seconds
        message = "\(predictions) predictions loaded into \(database)"
    }
}

/// A field has too many values, or too long ones, to count items by.
public struct FieldNotCounted: RunEvent {
    public static let name = "field_not_counted"
    public static let level = EventLevel.warning
    public static let meaning = "A field has too many values, or too long ones, to count items by."
    public static let figures: [Figure<Self>] = [Figure("field", \.field)]
    public var message = ""
    /// The field.
    public private(set) var field = ""

    public init() {}

    /// A field and why.
    public init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

/// A prediction cannot be stored.
public struct ItemUnstorable: RunEvent {
    public static let name = "item_unstorable"
    public static let level = EventLevel.warning
    public static let meaning = "A prediction cannot be stored."
    public static let figures: [Figure<Self>] = [Figure("item", \.item), Figure("stage", \.stage)]
    public var message = ""
    /// The item.
    public private(set) var item = ""
    /// The stage of the prediction.
    public private(set) var stage = ""

    public init() {}

    /// An item and why.
    public init(_ item: String, of stage: String, problem: String) {
        self.item = item
        self.stage = stage
        message = "'\(item)' is not stored: \(problem)"
    }
}
