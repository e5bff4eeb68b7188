internal import Fault
internal import JSON
internal import Time

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

    /// The order over all slices, for a column that is not ordered within a slice.
    var clause: String {
        "\(column) \(isDescending ? "DESC" : "ASC") NULLS LAST, batch DESC, pipeline, stage, item_id"
    }

    /// The condition for rows after a place.
    func after(_ place: Place) -> SQL {
        let (slice, key) = (place.slice, place.key)
        let later: SQL =
            sort == .item
            ? "(pipeline, stage) > (\(slice.pipeline), \(slice.stage))"
            : "(pipeline, stage, item_id) > (\(slice.pipeline), \(slice.stage), \(place.item))"
        let tie: SQL = "(batch < \(slice.batch) OR (batch = \(slice.batch) AND \(later)))"
        if case .null = key { return "\(raw: column) IS NULL AND \(tie)" }
        let further: SQL = isDescending ? "\(raw: column) < \(key)" : "\(raw: column) > \(key)"
        // The first half can use the primary key.
        if sort == .item {
            let asFar: SQL = isDescending ? "item_id <= \(key)" : "item_id >= \(key)"
            return "\(asFar) AND (\(further) OR \(tie))"
        }
        return "(\(further) OR \(raw: column) IS NULL OR (\(raw: column) = \(key) AND \(tie)))"
    }

    /// The cursor for where a page ended.
    func cursor(_ row: FoundPrediction) -> String {
        let key: JSON =
            switch key(row) {
            case .null: .null
            case .double(let value): .double(value)
            case let other: JSON(other.text)
            }
        return Cursor.text([.string(column), key] + row.slice.json + [.string(row.item)])
    }

    /// The place of a cursor. Throws `.usage` for a cursor of another order.
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
