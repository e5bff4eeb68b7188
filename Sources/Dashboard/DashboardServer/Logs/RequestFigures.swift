internal import Synchronization
internal import TextFormats

/// Counts requests and their durations by endpoint and status.
final class RequestFigures: Sendable {
    private struct Kind: Hashable {
        let endpoint: String
        let status: Int
    }

    private struct Sum {
        var count = 0
        var seconds = 0.0
    }

    private let sums = Mutex<[Kind: Sum]>([:])

    /// Counts one request.
    func count(endpoint: String, status: Int, seconds: Double) {
        sums.withLock { sums in
            sums[Kind(endpoint: endpoint, status: status), default: Sum()].count += 1
            sums[Kind(endpoint: endpoint, status: status), default: Sum()].seconds += seconds
        }
    }

    /// Adds the figures to an exposition.
    func add(to text: inout PrometheusText) {
        let sums = sums.withLock { $0 }.sorted { ($0.key.endpoint, $0.key.status) < ($1.key.endpoint, $1.key.status) }
        text.add(
            "nocturne_dashboard_requests_total", .counter, "Requests answered, by endpoint and status.",
            sums.map { (["endpoint": $0.key.endpoint, "status": "\($0.key.status)"], Double($0.value.count)) })
        text.add(
            "nocturne_dashboard_request_seconds_total", .counter,
            "Seconds spent answering, by endpoint and status.",
            sums.map { (["endpoint": $0.key.endpoint, "status": "\($0.key.status)"], $0.value.seconds) })
    }
}
