// RunEvent says what the members are that every event has.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// A source is listed, or a queue has reported new objects.
public struct ObjectsListed: RunEvent {
    public static let name = "listed"
    public static let meaning = "A source is listed, or a queue has reported new objects."
    public static let figures: [Figure<Self>] = [Figure("items", \.items), Figure("source", \.source)]
    public var message = ""
    /// Objects found.
    public private(set) var items = 0
    /// The source.
    public private(set) var source = ""

    public init() {}

    /// What a source was found to hold.
    public init(_ items: Int, at source: String, isNews: Bool) {
        self.items = items
        self.source = source
        message = isNews ? "\(items) new items at \(source)" : "\(items) items listed at \(source)"
    }
}

/// A source lists a key twice; the first entry is used.
public struct ListedTwice: RunEvent {
    public static let name = "listed_twice"
    public static let level = EventLevel.warning
    public static let meaning = "A source lists a key twice; the first entry is used."
    public static let figures: [Figure<Self>] = [Figure("id", \.id)]
    public var message = ""
    /// The key.
    public private(set) var id = ""

    public init() {}

    /// A key that a source lists twice.
    public init(_ id: String) {
        self.id = id
        message = "'\(id)' is listed twice; the first one is used"
    }
}

/// A mirror cannot be listed, so the next one is used.
public struct MirrorPassedOver: RunEvent {
    public static let name = "mirror_passed_over"
    public static let level = EventLevel.warning
    public static let meaning = "A mirror cannot be listed, so the next one is used."
    public static let figures: [Figure<Self>] = []
    public var message = ""

    public init() {}

    /// A note of the sources.
    public init(_ note: String) {
        message = note
    }
}

/// A message stays in the queue.
public struct NoticeKept: RunEvent {
    public static let name = "notice_kept"
    public static let level = EventLevel.warning
    public static let meaning = "A message stays in the queue."
    public static let figures: [Figure<Self>] = []
    public var message = ""

    public init() {}

    /// Why a message stays.
    public init(_ reason: String) {
        message = reason
    }
}

/// An object was replaced after it was listed; the new one was fetched.
public struct ObjectChanged: RunEvent {
    public static let name = "object_changed"
    public static let level = EventLevel.warning
    public static let meaning = "An object was replaced after it was listed; the new one was fetched."
    public static let figures: [Figure<Self>] = [Figure("id", \.id)]
    public var message = ""
    /// The item.
    public private(set) var id = ""

    public init() {}

    /// The item of the object.
    public init(_ id: ItemID) {
        self.id = id.text
        message = "'\(id)' was replaced after it was listed"
    }
}

/// Metadata was joined to the items.
public struct MetadataJoined: RunEvent {
    public static let name = "metadata_joined"
    public static let meaning = "Metadata was joined to the items."
    public static let figures: [Figure<Self>] = [
        Figure("items", \.items), Figure("rows", \.rows), Figure("used", \.used),
    ]
    public var message = ""
    /// Items listed.
    public private(set) var items = 0
    /// Rows of metadata, repeated ones counted once.
    public private(set) var rows = 0
    /// Rows that met an item.
    public private(set) var used = 0

    public init() {}

    /// How many rows met how many items.
    public init(rows: Int, used: Int, items: Int) {
        (self.rows, self.used, self.items) = (rows, used, items)
        message = "\(used) of \(rows) rows of metadata are joined to \(used) of \(items) items"
    }
}

/// Rows of metadata met no item, while items have none.
public struct MetadataUnmatched: RunEvent {
    public static let name = "metadata_unmatched"
    public static let level = EventLevel.warning
    public static let meaning =
        "Rows of metadata met no item, while items have none; the message has examples of both."
    public static let figures: [Figure<Self>] = [Figure("items", \.items), Figure("rows", \.rows)]
    public var message = ""
    /// Items without metadata.
    public private(set) var items = 0
    /// Rows without an item.
    public private(set) var rows = 0

    public init() {}

    /// - Parameters:
    ///   - keys: keys of some of the rows.
    ///   - ids: some of the items.
    public init(rows: Int, such keys: [String], items: Int, such ids: [String]) {
        (self.rows, self.items) = (rows, items)
        func shown(_ names: [String], of count: Int) -> String {
            names.map { "'\($0)'" }.joined(separator: ", ") + (count > names.count ? ", …" : "")
        }
        message =
            "\(rows) rows of metadata met no item (\(shown(keys, of: rows))), while \(items) items have no metadata "
            + "(\(shown(ids, of: items))); compare the keys"
    }
}

/// A row of metadata cannot be read, and names no item.
public struct MetadataRowUnusable: RunEvent {
    public static let name = "metadata_row_unusable"
    public static let level = EventLevel.warning
    public static let meaning = "A row of metadata cannot be read, and names no item; it is left out."
    public static let figures: [Figure<Self>] = []
    public var message = ""

    public init() {}

    /// What is wrong with the row.
    public init(_ problem: String) {
        message = "\(problem); the row is left out"
    }
}
