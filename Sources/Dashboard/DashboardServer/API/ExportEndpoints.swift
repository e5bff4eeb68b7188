internal import Fault
internal import HTTPTypes
internal import Hummingbird
internal import Results

/// Predictions as files: all rows of a filter, sent as fast as the client takes them.
struct ExportEndpoints {
    let services: Services

    var all: [Endpoint] {
        [
            export(.csv, "/predictions.csv", "text/csv; charset=utf-8"),
            export(.jsonLines, "/predictions.jsonl", "application/jsonl"),
        ]
    }

    private func export(_ format: ExportFormat, _ path: String, _ type: String) -> Endpoint {
        let services = services
        return Endpoint(
            path: "/api/v1" + path, summary: "All predictions of a filter, as a file; recorded in the audit log.",
            parameters: PredictionFilters.filters, content: .other(type), allowsHead: false
        ) { visit throws(HTTPProblem) in
            let query = try Query(visit.queryText, allowing: PredictionFilters.filters)
            let pieces = services.results.export(PredictionFilters.query(query), as: format).makeAsyncIterator()
            let presence = await visit.presence
            // A search that finds nothing sends nothing, and so would not notice that the client is gone.
            let next: @Sendable () async throws(Fault) -> [UInt8]? = { () throws(Fault) in
                try await presence.wait(for: pieces.next, onLeaving: pieces.cancel)
            }
            // The first piece is made before the head is sent: until then an answer can still report an error.
            let first: [UInt8]?
            do throws(Fault) { first = try await next() } catch { throw HTTPProblem(error) }
            try await services.record("export", visit)
            let body = ResponseBody { writer in
                var piece = first
                while let bytes = piece {
                    // An empty piece only means that the search continues.
                    if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                    do throws(Fault) { piece = try await next() } catch {
                        // The head has been sent, so a missing last chunk is the only way to report the failure to the
                        // client.
                        if error.kind != .terminated { services.log.say("export_failed", error.description) }
                        throw error
                    }
                }
                try await writer.finish(nil)
            }
            return Response(
                status: .ok,
                headers: [
                    .contentType: type, .cacheControl: "no-store",
                    .contentDisposition: "attachment; filename=\"predictions.\(format.rawValue)\"",
                ], body: body)
        }
    }
}
