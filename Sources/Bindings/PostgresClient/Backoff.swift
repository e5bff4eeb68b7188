public import Fault
internal import Glibc

/// Retries what failed because a service was unavailable: a bounded number of times, with growing pauses.
public struct Backoff: Sendable {
    /// The number of attempts in all.
    public var attempts: Int
    /// Seconds to pause before the second attempt; doubled before each further one.
    public var firstPause: Double
    /// The longest pause in seconds.
    public var longestPause: Double
    /// Seconds after which no further attempt is made; instead of `attempts`, if set.
    private var seconds: Double?

    /// By default four attempts within about four seconds.
    public init(attempts: Int = 4, firstPause: Double = 0.5, longestPause: Double = 8) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// As many attempts as a time allows, so that a restart of the server is spanned.
    public init(seconds: Double) {
        self.init(attempts: .max)
        self.seconds = seconds
    }

    /// One attempt only.
    public static let none = Backoff(attempts: 1)

    /// Runs `body` until it succeeds, fails with anything but `.unavailable`, or has failed `attempts` times. Calls
    /// `checkStop` while pausing, so that a run can be stopped meanwhile.
    public func run<Value: ~Copyable>(
        checkStop: () throws(Fault) -> Void = {}, _ body: () throws(Fault) -> Value
    ) throws(Fault) -> Value {
        var attempt = 1
        let began = ContinuousClock.now
        while true {
            do throws(Fault) {
                return try body()
            } catch {
                guard error.kind == .unavailable, attempt < attempts else { throw error }
                if let seconds, ContinuousClock.now - began >= .seconds(seconds) { throw error }
            }
            try pause(after: attempt, checkStop)
            attempt += 1
        }
    }

    private func pause(after attempt: Int, _ checkStop: () throws(Fault) -> Void) throws(Fault) {
        var seconds = firstPause
        for _ in 1..<attempt where seconds < longestPause { seconds *= 2 }
        // Jitter, so that pipelines that failed together do not come back together.
        var rest = min(seconds, longestPause) * Double.random(in: 0.5...1)
        while rest > 0 {
            try checkStop()
            usleep(UInt32(min(rest, 0.1) * 1_000_000))
            rest -= 0.1
        }
    }
}
