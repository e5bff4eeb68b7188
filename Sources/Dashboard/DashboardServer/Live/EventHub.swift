package import JSON
package import NIOCore
internal import Synchronization
internal import Time

/// Server-sent events: the listeners, and the latest events.
///
/// A listener that does not take what is sent is dropped when ``mostWaiting`` pieces wait for it; it connects again and
/// requests what it missed. So a stalled page costs a bounded amount of memory, and holds up no other.
package final class EventHub: Sendable {
    /// A listener's subscription.
    package struct Listener: Sendable {
        package let id: Int
        /// The pieces to write; ends when the server stops or the listener is dropped.
        package let pieces: AsyncStream<ByteBuffer>
    }

    private struct Place {
        let pieces: AsyncStream<ByteBuffer>.Continuation
        let drop: @Sendable () -> Void
        let isWelcome: @Sendable () -> Bool
    }

    private struct State {
        var nextEvent: Int
        var nextListener = 0
        /// The latest events, oldest first.
        var ring: [(number: Int, text: ByteBuffer)] = []
        var listeners: [Int: Place] = [:]
        var dropped = 0
        var isClosed = false
    }

    /// How many events are kept for listeners that reconnect.
    package static let mostKept = 1024
    /// How many pieces may wait for one listener.
    package static let mostWaiting = 64
    /// The limit of listeners.
    package static let mostListeners = 4000
    /// Seconds between heartbeats.
    static let heartbeatSeconds = 15

    private let state: Mutex<State>
    private let isDatabaseAway: @Sendable () -> Bool

    /// Numbers start beyond those of any earlier run of the server, because browsers reconnect with the last number
    /// they saw.
    ///
    /// - Parameter isDatabaseAway: called for each new listener; true no later than the loss is published.
    package init(firstEvent: Int = Int(WallClock.now() * 1000), isDatabaseAway: @escaping @Sendable () -> Bool) {
        state = Mutex(State(nextEvent: firstEvent))
        self.isDatabaseAway = isDatabaseAway
    }

    /// Sends an event to every listener.
    package func publish(_ name: String, _ data: JSON) {
        state.withLock { state in
            let number = state.nextEvent
            state.nextEvent += 1
            let text = ByteBuffer(string: "id: \(number)\nevent: \(name)\ndata: \(data.text(.compact))\n\n")
            state.ring.append((number, text))
            if state.ring.count > Self.mostKept { state.ring.removeFirst(state.ring.count - Self.mostKept) }
            Self.send(text, &state)
        }
    }

    /// Sends a comment, so that dead connections are noticed and proxies keep the others open. Listeners that have lost
    /// access are disconnected.
    package func heartbeat() {
        let places = state.withLock { $0.listeners }
        for (id, place) in places where !place.isWelcome() { leave(id) }
        state.withLock { Self.send(ByteBuffer(string: ":\n\n"), &$0) }
    }

    private static func send(_ text: ByteBuffer, _ state: inout State) {
        for (id, place) in state.listeners {
            guard case .dropped = place.pieces.yield(text) else { continue }
            state.listeners[id] = nil
            state.dropped += 1
            place.pieces.finish()
            place.drop()
        }
    }

    /// Whether another listener would be accepted.
    package var hasRoom: Bool { state.withLock { !$0.isClosed && $0.listeners.count < Self.mostListeners } }

    /// Adds a listener; `nil` if there are too many, or the server is stopping.
    ///
    /// - Parameters:
    ///   - lastEvent: the number of the last event it saw; later ones are sent again. If that was too long ago, or the
    ///     number is
    ///     unknown, a `reset` event tells it to reload everything.
    ///   - drop: called when it is too slow; closes the connection.
    ///   - isWelcome: called at every heartbeat: whether it may continue to listen.
    package func listen(
        after lastEvent: String?, drop: @escaping @Sendable () -> Void, isWelcome: @escaping @Sendable () -> Bool
    ) -> Listener? {
        let (pieces, place) = AsyncStream<ByteBuffer>.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        return state.withLock { state in
            guard !state.isClosed, state.listeners.count < Self.mostListeners else { return nil }
            let id = state.nextListener
            state.nextListener += 1
            state.listeners[id] = Place(pieces: place, drop: drop, isWelcome: isWelcome)
            // Only read here: what changes later is published to this listener too.
            place.yield(Self.greeting(lastEvent, state, isDatabaseAway: isDatabaseAway()))
            return Listener(id: id, pieces: pieces)
        }
    }

    /// The missed events, followed by the database's current state, whatever those events said about it. That has no
    /// number of its own, because it is not an event to resume from.
    private static func greeting(_ lastEvent: String?, _ state: State, isDatabaseAway: Bool) -> ByteBuffer {
        var text = ByteBuffer(string: "retry: 2000\n\n")
        if let lastEvent {
            let oldest = state.ring.first?.number ?? state.nextEvent
            if let number = Int(lastEvent), (oldest - 1..<state.nextEvent).contains(number) {
                for event in state.ring where event.number > number { text.writeImmutableBuffer(event.text) }
            } else {
                text.writeString("id: \(state.nextEvent - 1)\nevent: reset\ndata: {}\n\n")
            }
        }
        text.writeString("event: database\ndata: {\"state\":\"\(isDatabaseAway ? "lost" : "back")\"}\n\n")
        return text
    }

    /// Removes a listener.
    package func leave(_ id: Int) {
        state.withLock { state in
            state.listeners.removeValue(forKey: id)?.pieces.finish()
        }
    }

    /// Ends all streams; no listeners are accepted any more.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            for place in state.listeners.values { place.pieces.finish() }
            state.listeners.removeAll()
        }
    }

    /// The number of listeners, and of those dropped because they were too slow.
    package var figures: (listeners: Int, dropped: Int) { state.withLock { ($0.listeners.count, $0.dropped) } }
}
