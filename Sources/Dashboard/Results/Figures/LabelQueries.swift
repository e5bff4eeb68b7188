public import Fault
internal import JSON

/// `/labels`: how often each label was predicted, by batch.
public struct LabelsQuery: ResultsQuery {
    /// The batches, and the stage.
    public var range: BatchRange
    /// A field of `store.group_by` whose values are counted separately; `nil` counts all items together.
    public var by: String?

    /// Makes a query for label counts.
    public init(_ range: BatchRange, by: String? = nil) {
        self.range = range
        self.by = by
    }

    /// `{"batches": [{"pipeline", "batch", "stage", "model", "value", "labels": [{"label", "items", "mean_score"}]}]}`, oldest first.
    /// Items without a label have the label `""`; their mean score is null.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let conditions = range.conditions + ["field = \(by ?? "")"]
        var groups = GroupedRows()
        try reader.forEachRow(
            """
            SELECT pipeline, batch, stage, model, model_version, value, label, items, score_sum, score_bins
            FROM label_counts\(conditions.whereClause)
            ORDER BY batch, pipeline, stage, model, model_version, value, label
            """
        ) { row in
            guard let items = row[7].int else { return }
            let scored = ScoreBins(row[9])?.items ?? 0
            groups.add(
                [
                    "label": JSON(row[6].text), "items": JSON(items),
                    "mean_score": JSON(row[8].double.flatMap { scored > 0 ? $0 / Double(scored) : nil }),
                ], to: GroupedRows.head(row, value: row[5].text))
        }
        return groups.body("labels")
    }
}

/// `/scores`: histograms of the scores, by batch.
public struct ScoresQuery: ResultsQuery {
    /// The batches, and the stage.
    public var range: BatchRange
    /// One label; `nil` for all.
    public var label: String?

    /// Makes a query for histograms.
    public init(_ range: BatchRange, label: String? = nil) {
        self.range = range
        self.label = label
    }

    /// `{"edges": […], "batches": [{"pipeline", "batch", "stage", "model", "counts": […]}]}`, oldest first. Scores
    /// beyond the edges are counted in the first and the last bin; items without a score are not counted.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        var conditions = range.conditions + ["field = ''"]
        if let label { conditions.append("label = \(label)") }
        var batches: [(head: JSONObject, bins: ScoreBins)] = []
        try reader.forEachRow(
            """
            SELECT pipeline, batch, stage, model, model_version, score_bins FROM label_counts\(conditions.whereClause)
            ORDER BY batch, pipeline, stage, model, model_version
            """
        ) { row in
            guard let bins = ScoreBins(row[5]) else { return }
            let head = GroupedRows.head(row)
            if batches.last?.head == head {
                batches[batches.count - 1].bins.add(bins)
            } else {
                batches.append((head, bins))
            }
        }
        let answer: JSON = [
            "edges": .array((0...ScoreBins.count).map { .double(Double($0) / Double(ScoreBins.count)) }),
            "batches": .array(
                batches.map { batch in
                    var object = batch.head
                    object["counts"] = .array(batch.bins.counts.map { .int(Int64($0)) })
                    return .object(object)
                }),
        ]
        return answer.bytes(.compact)
    }
}

/// A histogram of scores, in twentieths from 0 to 1.
struct ScoreBins {
    static let count = 20
    private(set) var counts: [Int]

    /// Reads a column that `store` wrote; `nil` for anything else.
    init?(_ value: SQLValue) {
        guard let text = value.text, let counts = (try? JSON(parsing: text))?.array?.compactMap(\.int),
            counts.count == Self.count
        else { return nil }
        self.counts = counts
    }

    /// The number of items that have a score.
    var items: Int { counts.reduce(0, +) }

    mutating func add(_ other: ScoreBins) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }
}

/// Ordered rows, grouped by what they have in common.
struct GroupedRows {
    private var groups: [(head: JSONObject, rows: [JSON])] = []

    mutating func add(_ row: JSON, to head: JSONObject) {
        if groups.last?.head == head {
            groups[groups.count - 1].rows.append(row)
        } else {
            groups.append((head, [row]))
        }
    }

    /// `{"batches": […]}`, each with its rows under a name.
    func body(_ name: String) -> [UInt8] {
        let batches = groups.map { group -> JSON in
            var object = group.head
            object[name] = .array(group.rows)
            return .object(object)
        }
        return JSON.object(["batches": .array(batches)]).bytes(.compact)
    }

    /// The pipeline, batch, stage and model of a row that starts with those five columns, and the value it counts for.
    static func head(_ row: [SQLValue], value: String? = nil) -> JSONObject {
        let model = row[3].text ?? ""
        let version = row[4].text ?? ""
        var head: JSONObject = [
            "pipeline": JSON(row[0].text), "batch": JSON(row[1].text), "stage": JSON(row[2].text),
            "model": model.isEmpty ? .null : .string(version.isEmpty ? model : "\(model)@\(version)"),
        ]
        if let value { head["value"] = .string(value) }
        return head
    }
}
