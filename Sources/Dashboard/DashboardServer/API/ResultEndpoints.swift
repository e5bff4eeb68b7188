internal import Hummingbird
internal import Results
internal import Time

/// Endpoints that query the database.
struct ResultEndpoints {
    let services: Services

    private typealias Common = CommonParameters

    var all: [Endpoint] {
        [
            asked("/pipelines", "The state of each pipeline, and which batch is due.", [], "Pipelines") { _ in
                PipelinesQuery(now: WallClock.now())
            },
            asked(
                "/batches", "Batches with the state of every stage, newest first.",
                Common.range + Common.page, "Batches"
            ) { query in BatchesQuery(query.range, page: query.page, now: WallClock.now()) },
            batch, predictions,
            asked(
                "/labels", "How often each label was predicted, by batch.",
                Common.range + [Common.stage, Common.by], "Labels"
            ) { query in LabelsQuery(query.range, by: query.text("by")) },
            asked(
                "/scores", "Histograms of the scores, by batch.",
                Common.range + [Common.stage, Common.label], "Scores"
            ) { query in ScoresQuery(query.range, label: query.text("label")) },
            asked(
                "/rejections", "How many items were rejected, by batch, stage and reason.", Common.range, "Rejections"
            ) { query in RejectionsQuery(query.range) },
            asked(
                "/rejections/items", "The rejected items, with reasons.",
                Common.range + [Common.stage, Self.reason] + Common.page, "RejectedItems"
            ) { query in RejectedItemsQuery(query.range, reason: query.text("reason"), page: query.page) },
            asked(
                "/quality", "Audio quality of the recordings, by batch.", Common.range + [Common.by], "Quality"
            ) { query in QualityQuery(query.range, by: query.text("by")) },
            asked("/alerts", "Alerts, newest first.", Common.range + Common.page, "Alerts") {
                AlertsQuery($0.range, page: $0.page)
            },
        ]
    }

    private static let reason = Parameter(name: "reason", form: .text(longest: 256), help: "Only this reason.")

    private func asked<Asked: ResultsQuery>(
        _ path: String, _ summary: String, _ parameters: [Parameter], _ schema: String,
        _ question: @escaping @Sendable (Query) throws(HTTPProblem) -> Asked
    ) -> Endpoint {
        let services = services
        return Endpoint(
            path: "/api/v1" + path, summary: summary, parameters: parameters, content: .json(schema: schema)
        ) { visit throws(HTTPProblem) in
            try await services.answer(visit, allowing: parameters, question)
        }
    }

    private var batch: Endpoint {
        let services = services
        return Endpoint(
            path: "/api/v1/batches/{pipeline}/{batch}", summary: "One batch with the state of every stage.",
            content: .json(schema: "Batch")
        ) { visit throws(HTTPProblem) in
            let names = visit.names
            return try await services.answer(visit, allowing: []) { _ in
                BatchQuery(pipeline: names[0], batch: names[1], now: WallClock.now())
            }
        }
    }

    private var predictions: Endpoint {
        asked(
            "/predictions", "The models' predictions, by item.",
            PredictionFilters.parameters + Common.page, "Predictions"
        ) { query in
            var asked = PredictionFilters.query(query)
            asked.page = query.page
            return asked
        }
    }
}
