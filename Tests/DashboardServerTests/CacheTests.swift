import DashboardServer
import Testing

/// Which answers are cached, and for how long.
@Suite struct AnswerCacheTests {
    private let cache = AnswerCache(mostBytes: 1 << 20)

    private func make(_ stamp: AnswerCache.Stamp, tag: String?) async throws {
        _ = try await cache.make("/x", stamp, for: ClientPresence()) { () throws(HTTPProblem) in
            AnswerCache.Ready(json: [0x5B, 0x5D], tag: tag)
        }
    }

    @Test func `an answer is kept until the database changes`() async throws {
        try await make(AnswerCache.Stamp(generation: 1), tag: "\"a\"")
        #expect(cache.find("/x", AnswerCache.Stamp(generation: 1)) != nil)
        #expect(cache.find("/x", AnswerCache.Stamp(generation: 2)) == nil)
        #expect(cache.figures.bytes > 0)
    }

    @Test func `an answer that ended early is not kept`() async throws {
        try await make(AnswerCache.Stamp(generation: 1), tag: nil)
        #expect(cache.find("/x", AnswerCache.Stamp(generation: 1)) == nil)
        #expect(cache.figures.bytes == 0)
    }

    @Test func `work that nobody waits for any more is cancelled`() async throws {
        let clients = [ClientPresence(), ClientPresence(), ClientPresence()]
        let (never, open) = AsyncStream<Void>.makeStream()
        defer { open.finish() }
        let asking = clients.map { client in
            Task { [cache] in
                try await cache.make("/x", AnswerCache.Stamp(generation: 1), for: client) { () throws(HTTPProblem) in
                    // Ends when its task is cancelled.
                    for await _ in never {}
                    return AnswerCache.Ready(json: [], tag: nil)
                }
            }
        }
        func waiting(_ count: Int) async { while cache.figures.waiting != count { await Task.yield() } }
        await waiting(3)
        #expect(cache.figures.misses == 1, "they share one answer")
        clients[0].leave()
        clients[1].leave()
        await waiting(1)
        // If the work had been cancelled already, a fourth request would have to start it again.
        let fourth = ClientPresence()
        let last = Task { [cache] in
            try await cache.make("/x", AnswerCache.Stamp(generation: 1), for: fourth) { () throws(HTTPProblem) in
                AnswerCache.Ready(json: [], tag: nil)
            }
        }
        await waiting(2)
        #expect(cache.figures.misses == 1)
        fourth.leave()
        clients[2].leave()
        for task in asking + [last] { _ = try await task.value }
        #expect(cache.figures.waiting == 0)
    }

    @Test func `a client that left before it began is not waited for`() async throws {
        let gone = ClientPresence()
        gone.leave()
        let (wasCancelled, tell) = AsyncStream<Bool>.makeStream()
        _ = try await cache.make("/x", AnswerCache.Stamp(generation: 1), for: gone) { () throws(HTTPProblem) in
            while !Task.isCancelled { await Task.yield() }
            tell.yield(Task.isCancelled)
            return AnswerCache.Ready(json: [], tag: nil)
        }
        tell.finish()
        #expect(await wasCancelled.first { _ in true } == true)
        #expect(cache.figures.waiting == 0)
    }
}
