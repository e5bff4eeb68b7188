/// When a request is tried again, and when to give up.
public struct RetryPolicy: Sendable, Hashable {
    /// Requests in all, the first one included.
    public var attempts = 8
    /// Seconds after which no other attempt is started, counted from the first one (or from the last progress).
    public var deadline = 300.0
    /// The longest wait before the second attempt, in seconds; it doubles with each attempt.
    public var firstDelay = 0.5
    /// The longest wait before any attempt, in seconds, unless the server asks for more.
    public var longestDelay = 30.0

    /// The defaults ride out a few minutes of a store that is restarting or throttling.
    public init() {}
}

/// How one request's attempts went so far: a pure state machine. Time comes in as seconds of any monotonic clock.
public struct RetryState: Sendable {
    /// What to do after a failure.
    public enum Decision: Sendable, Hashable {
        /// Try again at this time.
        case retry(at: Double)
        /// Stop; the text says what was exhausted.
        case giveUp(String)
    }

    private let policy: RetryPolicy
    private var startedAt: Double
    private var failures = 0

    /// Attempts that failed since the start or the last progress.
    public var failedAttempts: Int { failures }

    /// The state before the first attempt.
    public init(_ policy: RetryPolicy, now: Double) {
        self.policy = policy
        startedAt = now
    }

    /// Bytes came: a transfer that moves on, however often it is interrupted, is not given up.
    public mutating func noteProgress(now: Double) {
        failures = 0
        startedAt = now
    }

    /// Decides after a failure that is worth another try.
    ///
    /// The wait is drawn evenly from 0 to the doubling limit ("full jitter"), so that many clients that fail together do
    /// not come back together. A server's `Retry-After` is waited for in full, plus jitter; one that asks for more than the
    /// deadline leaves is not waited for at all.
    public mutating func decide(
        now: Double, retryAfter: Double?, using random: inout some RandomNumberGenerator
    ) -> Decision {
        failures += 1
        guard failures < policy.attempts else { return .giveUp("\(failures) attempts") }
        let doublings = min(failures - 1, 30)
        let ceiling = min(policy.longestDelay, policy.firstDelay * Double(1 << doublings))
        // The upper 53 bits of one draw: no rejection, so that a test may bring a source that always says the same.
        let fraction = Double(random.next() >> 11) * 0x1p-53
        let wait = retryAfter.map { $0 + fraction * policy.firstDelay } ?? fraction * ceiling
        guard now + (retryAfter ?? wait) <= startedAt + policy.deadline else {
            if let retryAfter, retryAfter > policy.deadline {
                return .giveUp("the server asks to wait \(Int(retryAfter.rounded(.up))) s")
            }
            return .giveUp("\(failures) attempts in \(Int((now - startedAt).rounded())) s")
        }
        return .retry(at: now + wait)
    }
}

extension TransferFailure {
    /// Whether another attempt may end better.
    public var isWorthRetrying: Bool {
        switch kind {
        case .noConnection, .interrupted, .stalled: true
        case .untrusted, .rangeIgnored, .tooLarge, .disk, .unusable, .cancelled: false
        }
    }
}

extension HTTPHead {
    /// Whether the status says that the same request may be answered later.
    public var isWorthRetrying: Bool { status == 408 || status == 425 || status == 429 || (500...599).contains(status) }

    /// Seconds that `Retry-After` asks to wait, from either of its forms; never negative.
    ///
    /// - Parameter now: the wall clock's seconds since 1970.
    public func retryAfter(now: Double) -> Double? {
        guard let text = self["retry-after"] else { return nil }
        if let seconds = Int(text) { return Double(max(0, seconds)) }
        return HTTPDate.seconds(text).map { max(0, Double($0) - now) }
    }
}
