import Testing
import Transfer

/// A random source that always returns the same number.
private struct Fixed: RandomNumberGenerator {
    let value: UInt64
    mutating func next() -> UInt64 { value }
}

@Suite struct RetryPolicyTests {
    private var policy: RetryPolicy {
        var policy = RetryPolicy(attempts: 5, deadline: 100)
        policy.firstDelay = 1
        policy.longestDelay = 4
        return policy
    }

    /// The largest draw shows the ceiling: 1, 2, 4, 4 seconds, then no attempt is left.
    @Test func `the ceiling doubles up to its limit`() throws {
        var random = Fixed(value: .max)
        var state = RetryState(policy, now: 0)
        var waits: [Double] = []
        for _ in 0..<4 {
            guard case .retry(let at) = state.decide(now: 10, retryAfter: nil, using: &random) else { break }
            waits.append(at - 10)
        }
        #expect(waits.count == 4)
        for (wait, ceiling) in zip(waits, [1.0, 2, 4, 4]) { #expect(abs(wait - ceiling) < 1e-9) }
        #expect(state.decide(now: 10, retryAfter: nil, using: &random) == .giveUp("5 attempts"))
    }

    @Test func `the smallest draw does not wait`() {
        var random = Fixed(value: 0)
        var state = RetryState(policy, now: 0)
        #expect(state.decide(now: 3, retryAfter: nil, using: &random) == .retry(at: 3))
    }

    @Test func `waits spread over the whole interval`() {
        var random = SystemRandomNumberGenerator()
        let waits = (0..<1000).compactMap { _ -> Double? in
            var state = RetryState(policy, now: 0)
            guard case .retry(let at) = state.decide(now: 0, retryAfter: nil, using: &random) else { return nil }
            return at
        }
        #expect(waits.count == 1000)
        #expect(waits.allSatisfy { (0...1).contains($0) })
        #expect(waits.filter { $0 < 0.5 }.count > 350)
        #expect(waits.filter { $0 > 0.5 }.count > 350)
    }

    @Test func `Retry-After is waited for in full`() {
        var random = Fixed(value: 0)
        var state = RetryState(policy, now: 0)
        #expect(state.decide(now: 5, retryAfter: 20, using: &random) == .retry(at: 25))
    }

    @Test func `Retry-After beyond the deadline gives up`() {
        var random = Fixed(value: 0)
        var state = RetryState(policy, now: 0)
        #expect(
            state.decide(now: 5, retryAfter: 600, using: &random) == .giveUp("the server asks to wait 600 s"))
    }

    @Test func `the deadline ends the retries`() {
        var random = Fixed(value: .max)
        var state = RetryState(policy, now: 0)
        #expect(state.decide(now: 99.5, retryAfter: nil, using: &random) == .giveUp("1 attempts in 100 s"))
    }

    @Test func `progress starts the count again`() {
        var random = Fixed(value: 0)
        var state = RetryState(policy, now: 0)
        for _ in 0..<4 { _ = state.decide(now: 0, retryAfter: nil, using: &random) }
        state.noteProgress(now: 500)
        #expect(state.failedAttempts == 0)
        #expect(state.decide(now: 500, retryAfter: nil, using: &random) == .retry(at: 500))
    }

    @Test func `Retry-After is read in both forms`() {
        func head(_ value: String) -> HTTPHead { HTTPHead(status: 503, headers: [HTTPHeader("retry-AFTER", value)]) }
        #expect(head("17").retryAfter(now: 0) == 17)
        #expect(head("-3").retryAfter(now: 0) == 0)
        #expect(head("Sun, 06 Nov 1994 08:49:37 GMT").retryAfter(now: 784_111_770) == 7)
        #expect(head("Sun, 06 Nov 1994 08:49:37 GMT").retryAfter(now: 784_111_999) == 0)
        #expect(head("soon").retryAfter(now: 0) == nil)
        #expect(HTTPHead(status: 503, headers: []).retryAfter(now: 0) == nil)
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504, 599]) func `some statuses are worth retrying`(_ status: Int) {
        #expect(HTTPHead(status: status, headers: []).isWorthRetrying)
    }

    @Test(arguments: [200, 301, 400, 401, 403, 404, 412, 416]) func `other statuses are final`(_ status: Int) {
        #expect(!HTTPHead(status: status, headers: []).isWorthRetrying)
    }
}
