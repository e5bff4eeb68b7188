internal import Results

/// The filters of predictions, for the list and for the exports.
enum PredictionFilters {
    private static let sorts = PredictionsQuery.Sort.allCases.map(\.rawValue)

    /// The parameters of the list: the filters and an order. Exports use the order of batches.
    static let parameters =
        filters + [
            Parameter(
                name: "sort", form: .choice(sorts + sorts.map { "-\($0)" }, standard: "-batch"),
                help: "The sort order; - for descending.")
        ]

    static let filters =
        CommonParameters.range + [
            CommonParameters.stage, CommonParameters.label,
            Parameter(
                name: "model", form: .text(longest: 256),
                help: "Only this model: digits@3, or digits for all its versions."),
            Parameter(name: "min_score", form: .number, help: "The lowest score."),
            Parameter(name: "max_score", form: .number, help: "The highest score."),
            Parameter(name: "device", form: .text(longest: 1024), help: "Only this device: short for field.device."),
            Parameter(name: "fields", form: .fields, help: "field.NAME=VALUE: only items whose field has this value."),
            Parameter(
                name: "q", form: .text(longest: 256), help: "Only items whose id or output contains this text."),
        ]

    /// The query without its page.
    static func query(_ query: Query) -> PredictionsQuery {
        var asked = PredictionsQuery(query.range)
        asked.label = query.text("label")
        asked.model = query.text("model")
        asked.minScore = query.number("min_score")
        asked.maxScore = query.number("max_score")
        asked.fields = query.fields + (query.text("device").map { [("device", $0)] } ?? [])
        asked.text = query.text("q")
        let sort = query.text("sort") ?? "-batch"
        asked.isDescending = sort.hasPrefix("-")
        asked.sort = PredictionsQuery.Sort(rawValue: asked.isDescending ? String(sort.dropFirst()) : sort) ?? .batch
        return asked
    }
}
