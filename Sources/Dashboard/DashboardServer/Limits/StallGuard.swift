internal import NIOCore

/// Closes connections whose client has stopped taking what is sent to it.
///
/// Stands behind NIO's `IdleStateHandler`, which tells it that no write has come to an end for too long.
final class StallGuard: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
