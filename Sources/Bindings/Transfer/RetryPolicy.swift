/// When to retry a request, and when to give up.
public struct RetryPolicy: Sendable, Hashable {
    /// Requests in all, including the first.
    public var attempts: Int
    /// Seconds after which no further attempt is started, counted from the first one (or from the last progress).
    public var deadline: Double
    /// The longest wait before the second attempt, in seconds; it doubles with each attempt.
    public var firstDelay = 0.5
    /// The longest wait before any attempt, in seconds, unless the server asks for more.
    public var longestDelay = 30.0

    /// A policy with waits that suit a store that is restarting or throttling.
    public init(attempts: Int, deadline: Double) {
        self.attempts = attempts
        self.deadline = deadline
    }
}

/// The attempts of one request so far: a pure state machine. Times are seconds of any monotonic clock.
public struct RetryState: Sendable {
    /// What to do after a failure.
    public enum Decision: Sendable, Hashable {
        /// Try again at this time.
        case retry(at: Double)
        /// Stop; the text names the limit that was reached.
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

    /// Data arrived: a transfer that makes progress is not given up, however often it is interrupted.
    public mutating func noteProgress(now: Double) {
        failures = 0
        startedAt = now
    }

    /// Decides what to do after a failure that is worth retrying.
    ///
    /// The wait is random, uniform from 0 to the doubling limit ("full jitter"), so that clients that fail together do
    /// not come back together. A server's `Retry-After` is observed in full, plus jitter; if it exceeds the time left
    /// until the deadline, give up at once.
    public mutating func decide(
        now: Double, retryAfter: Double?, using random: inout some RandomNumberGenerator
    ) -> Decision {
        failures += 1
        guard failures < policy.attempts else { return .giveUp("\(failures) attempts") }
        let doublings = min(failures - 1, 30)
        let ceiling = min(policy.longestDelay, policy.firstDelay * Double(1 << doublings))
        // The upper 53 bits of one draw: without rejection, a test may use a source that always returns the same.
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
    /// Whether a retry may succeed.
    public var isWorthRetrying: Bool {
        switch kind {
        case .noConnection, .interrupted, .stalled: true
        case .untrusted, .rangeIgnored, .tooLarge, .disk, .unusable, .cancelled: false
        }
    }
}

extension HTTPHead {
    /// Whether the status says that the same request may succeed later.
    public var isWorthRetrying: Bool { status == 408 || status == 425 || status == 429 || (500...599).contains(status) }

    /// The wait in seconds that `Retry-After` asks for, in either of its formats; never negative.
    ///
    /// - Parameter now: the wall clock's seconds since 1970.
    public func retryAfter(now: Double) -> Double? {
        guard let text = self["retry-after"] else { return nil }
        if let seconds = Int(text) { return Double(max(0, seconds)) }
        return HTTPDate.seconds(text).map { max(0, Double($0) - now) }
    }
}
