import DashboardServer
import Fault
import JSON
import NIOCore
import NIOEmbedded
import Testing

/// What is easier to test from the inside.
@Suite struct EventHubTests {
    @Test func `a listener that takes nothing is dropped, and the others are not`() async throws {
        let hub = EventHub(firstEvent: 1) { false }
        let (signal, dropped) = AsyncStream<Void>.makeStream()
        let stalled = try #require(
            hub.listen(after: nil) {
                dropped.finish()
            } isWelcome: {
                true
            })
        let awake = try #require(
            hub.listen(after: nil) {
                Issue.record("the one who listens was dropped")
            } isWelcome: {
                true
            })
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

    @Test func `what was missed is sent again in order`() async throws {
        let hub = EventHub(firstEvent: 100) { false }
        for number in 0..<5 { hub.publish("results", ["number": .int(Int64(number))]) }
        let greeting = try await greeting(hub, after: "102")
        #expect(
            greeting == "retry: 2000\n\n"
                + (3...4).map { "id: \(100 + $0)\nevent: results\ndata: {\"number\":\($0)}\n\n" }.joined() + Self.back)
        #expect(try await self.greeting(hub, after: "104") == "retry: 2000\n\n" + Self.back, "nothing was missed")
        #expect(try await self.greeting(hub, after: "99").contains("id: 100\n"), "it had seen the one before the first")
    }

    @Test(arguments: ["98", "105", "x", ""]) func `an unknown event ID resets the client`(_ last: String) async throws {
        let hub = EventHub(firstEvent: 100) { false }
        for _ in 0..<5 { hub.publish("results", [:]) }
        #expect(try await greeting(hub, after: last).contains("id: 104\nevent: reset\n"))
    }

    @Test func `the ring forgets the oldest events`() async throws {
        let hub = EventHub(firstEvent: 0) { false }
        for _ in 0..<(EventHub.mostKept + 10) { hub.publish("results", [:]) }
        #expect(try await greeting(hub, after: "8").contains("reset"))
        #expect(!(try await greeting(hub, after: "9").contains("reset")))
    }

    @Test func `a closed hub takes no listener`() {
        let hub = EventHub { false }
        hub.close()
        #expect(
            !hub.hasRoom
                && hub.listen(after: nil) {
                } isWelcome: {
                    true
                } == nil)
    }

    @Test func `a new listener learns the state of the database`() async throws {
        #expect(try await greeting(EventHub { false }, after: nil) == "retry: 2000\n\n" + Self.back)
        let lost = Self.back.replacing("back", with: "lost")
        #expect(try await greeting(EventHub { true }, after: nil) == "retry: 2000\n\n" + lost)
        // Missed events may say otherwise, so the last event is the current state.
        let hub = EventHub(firstEvent: 100) { false }
        hub.publish("database", ["state": "back"])
        hub.publish("database", ["state": "lost"])
        let greeting = try await greeting(hub, after: "100")
        #expect(greeting.contains("lost") && greeting.hasSuffix(Self.back), "\(greeting)")
    }

    @Test func `a listener that lost access is sent away`() async throws {
        let hub = EventHub { false }
        let out = try #require(
            hub.listen(after: nil) {
            } isWelcome: {
                false
            })
        let welcome = try #require(
            hub.listen(after: nil) {
            } isWelcome: {
                true
            })
        hub.heartbeat()
        var pieces = 0
        for await _ in out.pieces { pieces += 1 }
        #expect(pieces == 1, "the greeting, and then the end")
        #expect(hub.figures.listeners == 1 && hub.figures.dropped == 0)
        var heard = welcome.pieces.makeAsyncIterator()
        _ = await heard.next()
        #expect(await heard.next().map { String(buffer: $0) } == ":\n\n")
    }

    private static let back = "event: database\ndata: {\"state\":\"back\"}\n\n"

    private func greeting(_ hub: EventHub, after last: String?) async throws -> String {
        let listener = try #require(
            hub.listen(after: last) {
            } isWelcome: {
                true
            })
        var pieces = listener.pieces.makeAsyncIterator()
        defer { hub.leave(listener.id) }
        return String(buffer: try #require(await pieces.next()))
    }
}

@Suite struct RateLimitTests {
    @Test func `a client may burst at twice the rate, then at the rate`() {
        let limit = RateLimit(perSecond: 10)
        for _ in 0..<20 { #expect(limit.wait("a", now: 0) == nil) }
        #expect(limit.wait("a", now: 0) == 1)
        #expect(limit.wait("b", now: 0) == nil, "each client has its own")
        #expect(limit.wait("a", now: 0.1) == nil)
        #expect(limit.wait("a", now: 0.1) == 1)
        for _ in 0..<20 { #expect(limit.wait("a", now: 100) == nil) }
        #expect(limit.wait("a", now: 100) == 1, "waiting longer saves up no more")
    }

    @Test func `many clients take bounded memory`() {
        let limit = RateLimit(perSecond: 1)
        for number in 0..<10_000 { #expect(limit.wait("c\(number)", now: 0) == nil) }
        #expect(limit.wait("new", now: 0) != nil)
        #expect(limit.wait("c1", now: 0) == nil, "those who are known go on")
        #expect(limit.wait("new", now: 10) == nil, "once the others have been quiet there is room")
    }

    @Test func `zero means no limit`() {
        let limit = RateLimit(perSecond: 0)
        for _ in 0..<10_000 { #expect(limit.wait("a", now: 0) == nil) }
    }
}

/// The guard over a connection whose client takes nothing until it is flushed.
@Suite struct StallGuardTests {
    private func connected() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: StallGuard(patience: .seconds(60)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    @Test func `a client is not blamed while nothing is sent`() throws {
        let channel = try connected()
        channel.write("head", promise: nil)
        channel.flush()
        channel.embeddedEventLoop.advanceTime(by: .hours(3))
        #expect(channel.isActive, "an export that finds nothing for long goes on")
        channel.write("row", promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(channel.isActive, "the client's time begins when there is something to take")
    }

    @Test func `a client that takes nothing is dropped`() throws {
        let channel = try connected()
        channel.write("head", promise: nil)
        channel.flush()
        channel.embeddedEventLoop.advanceTime(by: .seconds(30))
        channel.write("row", promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(channel.isActive)
        // Having more to take does not count as taking.
        channel.write("another row", promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func `a client that takes piece by piece is kept`() throws {
        let channel = try connected()
        for _ in 0..<10 {
            channel.write("row", promise: nil)
            channel.embeddedEventLoop.advanceTime(by: .seconds(50))
            channel.flush()
        }
        #expect(channel.isActive)
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
    func `valid addresses are read`(_ text: String, _ host: String, _ port: Int, _ isLoopback: Bool) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host && address.port == port && address.isLoopback == isLoopback)
    }

    @Test(arguments: ["", "8080", ":8080", "::1:80", "[]:80", "host:", "host:-1", "host:65536", "host:80a", "[::1]"])
    func `invalid addresses are refused`(_ text: String) {
        #expect(throws: Fault.self) { _ = try ListenAddress(text) }
    }
}
