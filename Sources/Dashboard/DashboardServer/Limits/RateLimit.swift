internal import Synchronization
internal import Time

/// Limits the requests of each client: a rate per second, and twice as many in a burst.
package final class RateLimit: Sendable {
    private struct Bucket {
        var left: Double
        var at: Double
    }

    private static let mostClients = 10_000

    private let perSecond: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// Sets a limit; 0 for none.
    package init(perSecond: Int) { self.perSecond = Double(perSecond) }

    /// Counts a request of a client.
    ///
    /// - Returns: how long it should wait, in whole seconds; `nil` if it may proceed.
    package func wait(_ client: String, now: Double = MonotonicClock.now()) -> Int? {
        if perSecond <= 0 { return nil }
        return buckets.withLock { buckets in
            if buckets.count >= Self.mostClients {
                // A client whose whole burst is available again need not be remembered.
                buckets = buckets.filter { filled($0.value, now) < 2 * perSecond }
                // So many busy addresses are not people: accept no new one until one of them is quiet.
                if buckets.count >= Self.mostClients, buckets[client] == nil { return 1 }
            }
            var bucket = buckets[client] ?? Bucket(left: 2 * perSecond, at: now)
            bucket = Bucket(left: filled(bucket, now), at: now)
            defer { buckets[client] = bucket }
            guard bucket.left >= 1 else { return Int(((1 - bucket.left) / perSecond).rounded(.up)) }
            bucket.left -= 1
            return nil
        }
    }

    private func filled(_ bucket: Bucket, _ now: Double) -> Double {
        min(2 * perSecond, bucket.left + (now - bucket.at) * perSecond)
    }
}
