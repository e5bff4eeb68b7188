package import JSON
package import NIOCore
internal import StageRun
internal import Synchronization

/// Server-sent events: who listens, and what was sent lately.
///
/// A listener that does not take what is sent is dropped when ``mostWaiting`` pieces wait for it: it connects again and asks for
/// what it missed. So a stalled page costs a bounded amount of memory, and holds up nobody.
package final class EventHub: Sendable {
    /// A listener's place.
    package struct Listener: Sendable {
        package let id: Int
        /// What to write, piece by piece; ends when the server stops or the listener is dropped.
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
        /// The newest events, oldest first.
        var ring: [(number: Int, text: ByteBuffer)] = []
        var listeners: [Int: Place] = [:]
        var dropped = 0
        var isClosed = false
    }

    /// How many events can be asked for again.
    package static let mostKept = 1024
    /// How many pieces may wait for one listener.
    package static let mostWaiting = 64
    /// How many may listen.
    package static let mostListeners = 4000
    /// Between two signs of life, in seconds.
    static let heartbeatSeconds = 15

    private let state: Mutex<State>
    private let isDatabaseAway: @Sendable () -> Bool

    /// Numbers go on where no earlier run of the server can have been, for a browser reconnects with the number that it has.
    ///
    /// - Parameter isDatabaseAway: asked for each listener who comes; true no later than it is published.
    package init(firstEvent: Int = Int(Clock.now() * 1000), isDatabaseAway: @escaping @Sendable () -> Bool) {
        state = Mutex(State(nextEvent: firstEvent))
        self.isDatabaseAway = isDatabaseAway
    }

    /// Tells every listener.
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

    /// A comment, so that dead connections are noticed and proxies keep living ones. Listeners who may no longer come in are
    /// sent away.
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

    /// Whether another listener would be taken in.
    package var hasRoom: Bool { state.withLock { !$0.isClosed && $0.listeners.count < Self.mostListeners } }

    /// Takes a listener in; `nil` if there are too many, or the server stops.
    ///
    /// - Parameters:
    ///   - lastEvent: the number of the last event that it saw: what came later is sent again. If that is too long ago, or no
    ///     number of ours, a `reset` tells it to ask for everything anew.
    ///   - drop: called when it is too slow; closes the connection.
    ///   - isWelcome: asked at every sign of life whether it may go on listening.
    package func listen(
        after lastEvent: String?, drop: @escaping @Sendable () -> Void, isWelcome: @escaping @Sendable () -> Bool
    ) -> Listener? {
        let (pieces, place) = AsyncStream<ByteBuffer>.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        return state.withLock { state in
            guard !state.isClosed, state.listeners.count < Self.mostListeners else { return nil }
            let id = state.nextListener
            state.nextListener += 1
            state.listeners[id] = Place(pieces: place, drop: drop, isWelcome: isWelcome)
            // Asked only now: what changes later is published to this listener too.
            place.yield(Self.greeting(lastEvent, state, isDatabaseAway: isDatabaseAway()))
            return Listener(id: id, pieces: pieces)
        }
    }

    /// What was missed, and last how the database is now, whatever those events said of it. That has no number of its own: it is
    /// no event to come back to.
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

    /// A listener went away.
    package func leave(_ id: Int) {
        state.withLock { state in
            state.listeners.removeValue(forKey: id)?.pieces.finish()
        }
    }

    /// Ends all streams; nobody is taken in any more.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            for place in state.listeners.values { place.pieces.finish() }
            state.listeners.removeAll()
        }
    }

    /// How many listen, and how many were dropped because they were too slow.
    package var figures: (listeners: Int, dropped: Int) { state.withLock { ($0.listeners.count, $0.dropped) } }
}
