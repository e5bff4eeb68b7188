internal import StageRun
internal import Synchronization

/// How many requests one client may make: so many a second, and twice as many at once.
package final class RateLimit: Sendable {
    private struct Bucket {
        var left: Double
        var at: Double
    }

    private static let mostClients = 10_000

    private let perSecond: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    /// Sets a limit; 0 sets none.
    package init(perSecond: Int) { self.perSecond = Double(perSecond) }

    /// Counts a request of a client.
    ///
    /// - Returns: how long it should wait, in whole seconds; `nil`: it may go on.
    package func wait(_ client: String, now: Double = Clock.monotonic()) -> Int? {
        if perSecond <= 0 { return nil }
        return buckets.withLock { buckets in
            if buckets.count >= Self.mostClients {
                // Whoever could make all his requests again is as good as unknown.
                buckets = buckets.filter { filled($0.value, now) < 2 * perSecond }
                // So many busy addresses at once are no people: nobody new until one of them is quiet.
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
