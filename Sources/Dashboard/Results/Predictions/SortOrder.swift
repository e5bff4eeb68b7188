internal import Dates
internal import Fault
internal import JSON

/// An order of predictions by a column: rows without a value last, equal ones by slice, newest first, then by item.
struct SortOrder {
    /// Where a page ended.
    struct Place {
        let key: SQLValue
        let slice: Slice
        let item: String
    }

    private let sort: PredictionsQuery.Sort
    private let isDescending: Bool

    init(_ sort: PredictionsQuery.Sort, isDescending: Bool) {
        self.sort = sort
        self.isDescending = isDescending
    }

    private var column: String {
        switch sort {
        case .batch: "batch"
        case .item: "item_id"
        case .score: "score"
        case .recordedAt: "recorded_at"
        }
    }

    private func key(_ row: FoundPrediction) -> SQLValue {
        switch sort {
        case .batch: .text(row.slice.batch)
        case .item: .text(row.item)
        case .score: row.score.map { .double($0) } ?? .null
        case .recordedAt: row.recordedAt.map { .text($0) } ?? .null
        }
    }

    /// The order inside a slice.
    var clause: String {
        let direction = isDescending ? "DESC" : "ASC"
        // Ids are never null, and the primary key is walked only by an order that it has.
        return sort == .item ? "item_id \(direction)" : "\(column) \(direction) NULLS LAST, item_id"
    }

    /// Whether a row comes before another.
    func precedes(_ a: FoundPrediction, _ b: FoundPrediction) -> Bool {
        switch Self.compare(key(a), key(b)) {
        case let order? where order != 0: return (order < 0) != isDescending
        case nil where key(a).isNull != key(b).isNull: return key(b).isNull
        default: break
        }
        if a.slice != b.slice { return a.slice.precedes(b.slice, newestFirst: true) }
        return a.item.utf8Precedes(b.item)
    }

    /// Less than, equal to or greater than 0; `nil` if one of them is null.
    private static func compare(_ a: SQLValue, _ b: SQLValue) -> Int? {
        switch (a, b) {
        case (.double(let a), .double(let b)): a < b ? -1 : a > b ? 1 : 0
        case (.text(let a), .text(let b)): a.utf8Precedes(b) ? -1 : b.utf8Precedes(a) ? 1 : 0
        default: nil
        }
    }

    /// What a row must be to come before a row of an earlier slice: better, for among equals the earlier slice wins.
    func before(_ row: FoundPrediction) -> SQL {
        switch key(row) {
        case .null: "\(raw: column) IS NOT NULL"
        case let key: isDescending ? "\(raw: column) > \(key)" : "\(raw: column) < \(key)"
        }
    }

    /// What a row of a slice must be to come after a place.
    func after(_ place: Place, in slice: Slice) -> SQL {
        let tie: SQL? =
            slice == place.slice
            ? "item_id > \(place.item)" : place.slice.precedes(slice, newestFirst: true) ? "1 = 1" : nil
        if case .null = place.key {
            return tie.map { "\(raw: column) IS NULL AND \($0)" } ?? "1 = 0"
        }
        let further: SQL = isDescending ? "\(raw: column) < \(place.key)" : "\(raw: column) > \(place.key)"
        if sort == .item {
            // Inside a slice an id stands once: whatever comes later in it is further.
            guard tie != nil, slice != place.slice else { return further }
            return isDescending ? "item_id <= \(place.key)" : "item_id >= \(place.key)"
        }
        return tie.map { "(\(further) OR \(raw: column) IS NULL OR (\(raw: column) = \(place.key) AND \($0)))" }
            ?? "(\(further) OR \(raw: column) IS NULL)"
    }

    /// Where a page ended.
    func cursor(_ row: FoundPrediction) -> String {
        let key: JSON =
            switch key(row) {
            case .null: .null
            case .double(let value): .double(value)
            case let other: JSON(other.text)
            }
        return Cursor.text([.string(column), key] + row.slice.json + [.string(row.item)])
    }

    /// Where a page begins. Throws `.usage` for a cursor of another order.
    func place(_ cursor: String) throws(Fault) -> Place {
        let values = try Cursor.values(cursor, count: 6)
        guard values[0] == .string(column), let slice = Slice(values[2...4]), let item = values[5].string else {
            throw Cursor.wrong
        }
        let key: SQLValue
        switch (values[1], sort) {
        case (.null, .score), (.null, .recordedAt): key = .null
        case (.string(let text), .item): key = .text(text)
        case (.string(let text), .recordedAt):
            guard Moment(text) != nil else { throw Cursor.wrong }
            key = .text(text)
        case (let value, .score):
            guard let score = value.double else { throw Cursor.wrong }
            key = .double(score)
        default: throw Cursor.wrong
        }
        return Place(key: key, slice: slice, item: item)
    }
}

extension SQLValue {
    fileprivate var isNull: Bool { if case .null = self { true } else { false } }
}
