internal import Fault
internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import Time

/// Writes one line of JSON per request to standard error, and counts requests for `/metrics`.
final class AccessLog: Sendable {
    let lines: LineWriter
    let figures: RequestFigures

    init(lines: LineWriter, figures: RequestFigures) {
        self.lines = lines
        self.figures = figures
    }

    /// Records a request that has been answered.
    ///
    /// - Parameters:
    ///   - endpoint: the path as in the table of endpoints.
    ///   - seconds: from the request's head to the answer, or to the end of a stream.
    ///   - bytes: the body's size, if known.
    func record(
        _ request: Request, client: String, visitor: Visitor?, endpoint: String, status: Int, seconds: Double,
        bytes: Int?, cause: String?
    ) {
        figures.count(endpoint: endpoint, status: status, seconds: seconds)
        var line: JSONObject = [
            "time": .string(WallClock.text(WallClock.now())), "event": "request", "client": .string(client),
            "name": visitor.map { .string($0.name) } ?? .null, "method": .string(request.method.rawValue),
            "target": .string(String((request.head.path ?? "").prefix(2048))), "status": .int(Int64(status)),
            "seconds": .double(seconds.rounded(decimals: 6)), "bytes": bytes.map { .int(Int64($0)) } ?? .null,
        ]
        if let cause { line["error"] = .string(cause) }
        write(line)
    }

    /// Records an event of the server.
    func say(_ event: String, _ message: String) {
        write(["time": .string(WallClock.text(WallClock.now())), "event": .string(event), "message": .string(message)])
    }

    private func write(_ line: JSONObject) { lines.write(JSON.object(line).bytes(.line) + [UInt8(ascii: "\n")]) }
}
