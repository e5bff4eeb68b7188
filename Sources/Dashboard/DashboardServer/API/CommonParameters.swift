internal import Results

/// Parameters that several endpoints take, and their meaning for the database.
enum CommonParameters {
    static let pipeline = Parameter(name: "pipeline", form: .name, help: "Only this pipeline.")
    static let from = Parameter(name: "from", form: .name, help: "The first batch, compared as bytes.")
    static let to = Parameter(name: "to", form: .name, help: "The last batch, inclusive.")
    static let stage = Parameter(name: "stage", form: .name, help: "Only this stage.")
    static let label = Parameter(name: "label", form: .text(longest: 1024), help: "Only this label.")
    static let by = Parameter(
        name: "by", form: .name,
        help: "A field of store.group_by, such as device; counts each of its values separately.")
    static let batch = Parameter(name: "batch", form: .name, help: "The batch.").required
    static let item = Parameter(name: "id", form: .text(longest: 1024), help: "The item's id.").required
    static let page = [
        Parameter(name: "limit", form: .integer(1...1000, standard: 100), help: "The largest number of rows."),
        Parameter(
            name: "cursor", form: .text(longest: 4096), help: "Where to continue: the 'next' of the previous page."),
    ]
    static let range = [pipeline, from, to]
}

extension Query {
    /// The batches of the request.
    var range: BatchRange {
        BatchRange(pipeline: text("pipeline"), from: text("from"), to: text("to"), stage: text("stage"))
    }

    /// The requested part of a list.
    var page: Page { Page(limit: integer("limit"), cursor: text("cursor")) }
}
