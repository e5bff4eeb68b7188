internal import Results

/// The parameters that several endpoints take, and what they mean to the database.
enum CommonParameters {
    static let pipeline = Parameter(name: "pipeline", form: .name, help: "Only this pipeline.")
    static let from = Parameter(name: "from", form: .name, help: "The first batch, compared as bytes.")
    static let to = Parameter(name: "to", form: .name, help: "The last batch, included.")
    static let stage = Parameter(name: "stage", form: .name, help: "Only this stage.")
    static let label = Parameter(name: "label", form: .text(longest: 1024), help: "Only this label.")
    static let by = Parameter(
        name: "by", form: .name, help: "A field of store.group_by, such as device, by whose values to count apart.")
    static let batch = Parameter(name: "batch", form: .name, help: "The batch.").required
    static let item = Parameter(name: "id", form: .text(longest: 1024), help: "The item's id.").required
    static let page = [
        Parameter(name: "limit", form: .integer(1...1000, standard: 100), help: "The most rows."),
        Parameter(name: "cursor", form: .text(longest: 4096), help: "Where to go on: the 'next' of the page before."),
    ]
    static let range = [pipeline, from, to]
}

extension Query {
    /// The batches that are asked about.
    var range: BatchRange {
        BatchRange(pipeline: text("pipeline"), from: text("from"), to: text("to"), stage: text("stage"))
    }

    /// The part of a list that is asked for.
    var page: Page { Page(limit: integer("limit"), cursor: text("cursor")) }
}
