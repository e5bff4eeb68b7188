import DashboardServer
import Fault
import JSON
import NIOCore
import Testing

/// What is easier seen from the inside.
@Suite struct EventHubTests {
    @Test func aListenerThatTakesNothingIsDroppedAndTheOthersAreNot() async throws {
        let hub = EventHub(firstEvent: 1)
        let (signal, dropped) = AsyncStream<Void>.makeStream()
        let stalled = try #require(hub.listen(after: nil) { dropped.finish() })
        let awake = try #require(hub.listen(after: nil) { Issue.record("the one who listens was dropped") })
        var heard = awake.pieces.makeAsyncIterator()
        _ = await heard.next()
        for number in 0..<200 {
            hub.publish("results", ["number": .int(Int64(number))])
            let piece = try #require(await heard.next())
            #expect(String(buffer: piece).contains("\"number\":\(number)}"))
        }
        for await _ in signal {}
        #expect(hub.figures.listeners == 1 && hub.figures.dropped == 1)
        var waiting = 0
        for await _ in stalled.pieces { waiting += 1 }
        #expect(waiting == EventHub.mostWaiting)
    }

    @Test func whatWasMissedIsSentAgainInOrder() async throws {
        let hub = EventHub(firstEvent: 100)
        for number in 0..<5 { hub.publish("results", ["number": .int(Int64(number))]) }
        let greeting = try await greeting(hub, after: "102")
        #expect(
            greeting == "retry: 2000\n\n"
                + (3...4).map { "id: \(100 + $0)\nevent: results\ndata: {\"number\":\($0)}\n\n" }.joined())
        #expect(try await self.greeting(hub, after: "104") == "retry: 2000\n\n", "nothing was missed")
        #expect(try await self.greeting(hub, after: "99").contains("id: 100\n"), "it had seen the one before the first")
    }

    @Test(arguments: ["98", "105", "x", ""]) func whatIsNotKnownResets(_ last: String) async throws {
        let hub = EventHub(firstEvent: 100)
        for _ in 0..<5 { hub.publish("results", [:]) }
        #expect(try await greeting(hub, after: last).contains("id: 104\nevent: reset\n"))
    }

    @Test func theRingForgets() async throws {
        let hub = EventHub(firstEvent: 0)
        for _ in 0..<(EventHub.mostKept + 10) { hub.publish("results", [:]) }
        #expect(try await greeting(hub, after: "8").contains("reset"))
        #expect(!(try await greeting(hub, after: "9").contains("reset")))
    }

    @Test func aClosedHubTakesNobodyIn() {
        let hub = EventHub()
        hub.close()
        #expect(!hub.hasRoom && hub.listen(after: nil) {} == nil)
    }

    private func greeting(_ hub: EventHub, after last: String) async throws -> String {
        let listener = try #require(hub.listen(after: last) {})
        var pieces = listener.pieces.makeAsyncIterator()
        defer { hub.leave(listener.id) }
        return String(buffer: try #require(await pieces.next()))
    }
}

@Suite struct RateLimitTests {
    @Test func twiceTheRateAtOnceAndThenTheRate() {
        let limit = RateLimit(perSecond: 10)
        for _ in 0..<20 { #expect(limit.wait("a", now: 0) == nil) }
        #expect(limit.wait("a", now: 0) == 1)
        #expect(limit.wait("b", now: 0) == nil, "each client has its own")
        #expect(limit.wait("a", now: 0.1) == nil)
        #expect(limit.wait("a", now: 0.1) == 1)
        for _ in 0..<20 { #expect(limit.wait("a", now: 100) == nil) }
        #expect(limit.wait("a", now: 100) == 1, "waiting longer saves up no more")
    }

    @Test func manyClientsTakeBoundedMemory() {
        let limit = RateLimit(perSecond: 1)
        for number in 0..<10_000 { #expect(limit.wait("c\(number)", now: 0) == nil) }
        #expect(limit.wait("new", now: 0) != nil)
        #expect(limit.wait("c1", now: 0) == nil, "those who are known go on")
        #expect(limit.wait("new", now: 10) == nil, "once the others have been quiet there is room")
    }

    @Test func noLimitIsNone() {
        let limit = RateLimit(perSecond: 0)
        for _ in 0..<10_000 { #expect(limit.wait("a", now: 0) == nil) }
    }
}

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1", 8080, true), ("127.9.9.9:1", "127.9.9.9", 1, true),
        ("[::1]:80", "::1", 80, true),
        ("localhost:0", "localhost", 0, true), ("0.0.0.0:80", "0.0.0.0", 80, false), ("[::]:80", "::", 80, false),
        ("10.0.0.1:80", "10.0.0.1", 80, false), ("localhost.example:80", "localhost.example", 80, false),
        ("[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80, false),
    ])
    func addressesAreRead(_ text: String, _ host: String, _ port: Int, _ isLoopback: Bool) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host && address.port == port && address.isLoopback == isLoopback)
    }

    @Test(arguments: ["", "8080", ":8080", "::1:80", "[]:80", "host:", "host:-1", "host:65536", "host:80a", "[::1]"])
    func othersAreNot(_ text: String) {
        #expect(throws: Fault.self) { _ = try ListenAddress(text) }
    }
}
