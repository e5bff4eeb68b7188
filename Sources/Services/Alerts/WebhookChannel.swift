internal import Digests
public import Fault
internal import JSON
public import Transfer

/// Posts the alert as signed JSON to a URL; a status from 200 to 299 means that it was accepted.
///
/// `Nocturne-Signature: v1=HEX` carries the signature: HMAC-SHA256 with the secret over the value of
/// `Nocturne-Timestamp` (seconds since 1970), a full stop, and the body. The receiver computes the same, compares in
/// constant time, and rejects old timestamps. `Idempotency-Key` carries the alert's id, the same on every attempt.
public struct WebhookChannel: AlertChannel {
    /// `webhook`
    public let name = "webhook"
    private let url: String
    private let secret: String?
    private let timeout: Double
    private let time: TimeSource

    /// Sets the URL.
    ///
    /// - Parameters:
    ///   - secret: the signing key; without one, nothing is sent.
    ///   - timeout: how many seconds an alert may take, retries included.
    public init(url: String, secret: String?, timeout: Double, time: TimeSource = .system) {
        self.url = url
        self.secret = secret
        self.timeout = timeout
        self.time = time
    }

    /// Posts the alert, in at most three attempts.
    public func deliver(_ payload: [UInt8], id: String) throws(Fault) {
        guard let secret, !secret.isEmpty else {
            throw Fault(.denied, "there is no secret to sign with; set NOCTURNE_ALERT_SECRET")
        }
        let engine = try TransferEngine()
        let deadline = time.monotonic() + timeout
        var state = RetryState(RetryPolicy(attempts: 3, deadline: timeout), now: time.monotonic())
        var random = SystemRandomNumberGenerator()
        while true {
            let mailbox = try Mailbox<TransferResult>()
            let transfer = engine.start(try request(payload, id: id, secret: secret), into: .memory(limit: 1 << 16)) {
                mailbox.post($0)
            }
            guard let result = mailbox.take(waiting: max(0, deadline - time.monotonic())).first else {
                engine.cancel(transfer)
                throw Fault(.unavailable, "the webhook did not answer within \(timeout) s")
            }
            guard let (reason, after, isHopeless) = failure(of: result) else { return }
            if isHopeless { throw Fault(.unavailable, reason) }
            switch state.decide(now: time.monotonic(), retryAfter: after, using: &random) {
            case .giveUp(let exhausted): throw Fault(.unavailable, "\(reason); gave up after \(exhausted)")
            case .retry(let at): _ = try Mailbox<Never>().take(waiting: max(0, at - time.monotonic()))
            }
        }
    }

    private func request(_ payload: [UInt8], id: String, secret: String) throws(Fault) -> HTTPRequest {
        let timestamp = String(Int(time.wall()))
        var request = HTTPRequest(url: url)
        request.method = .post(payload)
        request.headers = [
            HTTPHeader("Content-Type", "application/json"), HTTPHeader("Idempotency-Key", id),
            HTTPHeader("Nocturne-Timestamp", timestamp),
            HTTPHeader("Nocturne-Signature", try Self.signature(of: payload, timestamp: timestamp, secret: secret)),
        ]
        request.timeouts.connect = min(request.timeouts.connect, timeout)
        return request
    }

    /// The value of `Nocturne-Signature`.
    static func signature(of payload: [UInt8], timestamp: String, secret: String) throws(Fault) -> String {
        let signed = Array(timestamp.utf8) + [UInt8(ascii: ".")] + payload
        guard let code = HMAC.sha256(signed, key: Array(secret.utf8)) else {
            throw Fault(.defect, "libcrypto could not sign the alert")
        }
        return "v1=\(code.hex)"
    }

    /// Why an alert was not accepted; `nil` if it was. Leaves out the URL, which may itself be a secret.
    private func failure(of result: TransferResult) -> (reason: String, after: Double?, isHopeless: Bool)? {
        switch result {
        case .success(let response):
            let head = response.head
            if (200..<300).contains(head.status) { return nil }
            return (
                "the webhook answered \(head.status)", head.retryAfter(now: time.wall()), !head.isWorthRetrying
            )
        case .failure(let failure): return ("the webhook: \(failure)", nil, !failure.isWorthRetrying)
        }
    }
}
