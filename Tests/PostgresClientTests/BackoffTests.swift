import Fault
import PostgresClient
import Testing

/// Trying again for as long as a time allows.
struct BackoffTests {
    @Test func `a time allows more attempts than a number, and none ends after it`() throws {
        var attempts = 0
        var backoff = Backoff(seconds: 0.3)
        backoff.firstPause = 0.001
        backoff.longestPause = 0.01
        let began = ContinuousClock.now
        let fault = #expect(throws: Fault.self) {
            try backoff.run { () throws(Fault) in
                attempts += 1
                throw Fault(.unavailable, "it restarts")
            }
        }
        #expect(fault?.kind == .unavailable && attempts > 10)
        #expect(ContinuousClock.now - began >= .seconds(0.3))
        attempts = 0
        let value = try backoff.run { () throws(Fault) in
            attempts += 1
            if attempts < 8 { throw Fault(.unavailable, "it restarts") }
            return attempts
        }
        #expect(value == 8)
    }

    @Test func `no time is one attempt`() {
        var attempts = 0
        #expect(throws: Fault.self) {
            try Backoff(seconds: 0).run { () throws(Fault) in
                attempts += 1
                throw Fault(.unavailable, "it is down")
            }
        }
        #expect(attempts == 1)
    }
}
