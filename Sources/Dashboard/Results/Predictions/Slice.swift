internal import JSON

/// The rows of one stage in one batch: kept together by the primary key, in the order of the items' ids.
struct Slice: Equatable {
    let pipeline: String
    let batch: String
    let stage: String

    /// The order of slices; among otherwise equal rows, that of the earlier slice comes first.
    func precedes(_ other: Slice, newestFirst: Bool) -> Bool {
        if batch != other.batch { return batch.utf8Precedes(other.batch) != newestFirst }
        if pipeline != other.pipeline { return pipeline.utf8Precedes(other.pipeline) }
        return stage.utf8Precedes(other.stage)
    }

    var condition: SQL { "pipeline = \(pipeline) AND batch = \(batch) AND stage = \(stage)" }
    var json: [JSON] { [.string(pipeline), .string(batch), .string(stage)] }

    init(pipeline: String, batch: String, stage: String) {
        self.pipeline = pipeline
        self.batch = batch
        self.stage = stage
    }

    /// Reads a cursor.
    init?(_ values: ArraySlice<JSON>) {
        let names = values.compactMap(\.string)
        guard names.count == 3 else { return nil }
        self.init(pipeline: names[0], batch: names[1], stage: names[2])
    }

    static func == (a: Slice, b: Slice) -> Bool {
        a.pipeline.hasSameBytes(as: b.pipeline) && a.batch.hasSameBytes(as: b.batch)
            && a.stage.hasSameBytes(as: b.stage)
    }
}
