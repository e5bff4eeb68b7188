package import NIOCore
internal import Synchronization

/// Whether a connection's client is still there, so that no work is done for a client that has gone.
///
/// A client that has closed its side of the connection counts as gone.
package final class ClientPresence: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    package typealias InboundIn = Any

    private struct State {
        var isGone: Bool
        var onLeaving: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    package init(isGone: Bool = false) { state = Mutex(State(isGone: isGone)) }

    /// Waits for something, and calls `onLeaving` if the client leaves meanwhile or has left. One call at a time: a
    /// connection has one request at a time.
    package func wait<Value, Failure: Error>(
        for body: () async throws(Failure) -> Value, onLeaving: @escaping @Sendable () -> Void
    ) async throws(Failure) -> Value {
        let isGone = state.withLock { state in
            if !state.isGone { state.onLeaving = onLeaving }
            return state.isGone
        }
        if isGone { onLeaving() }
        defer { state.withLock { $0.onLeaving = nil } }
        return try await body()
    }

    /// Records that the client has gone.
    package func leave() {
        let onLeaving = state.withLock { state in
            state.isGone = true
            defer { state.onLeaving = nil }
            return state.onLeaving
        }
        onLeaving?()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { leave() }
        context.fireUserInboundEventTriggered(event)
    }
}
