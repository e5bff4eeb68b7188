import DashboardServer
import Testing

/// Which answers are kept, and for how long.
@Suite struct AnswerCacheTests {
    private let cache = AnswerCache(mostBytes: 1 << 20)

    private func make(_ stamp: AnswerCache.Stamp, tag: String?) async throws {
        _ = try await cache.make("/x", stamp) { () throws(Problem) in AnswerCache.Ready(json: [0x5B, 0x5D], tag: tag) }
    }

    @Test func anAnswerIsKeptUntilTheDatabaseChanges() async throws {
        try await make(AnswerCache.Stamp(generation: 1), tag: "\"a\"")
        #expect(cache.find("/x", AnswerCache.Stamp(generation: 1)) != nil)
        #expect(cache.find("/x", AnswerCache.Stamp(generation: 2)) == nil)
        #expect(cache.figures.bytes > 0)
    }

    @Test func whatEndedEarlyIsNotKept() async throws {
        try await make(AnswerCache.Stamp(generation: 1), tag: nil)
        #expect(cache.find("/x", AnswerCache.Stamp(generation: 1)) == nil)
        #expect(cache.figures.bytes == 0)
    }
}
