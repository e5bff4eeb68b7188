package import NIOCore

/// Closes connections whose client does not take what is sent to it.
///
/// Only the client's time counts: while nothing is waiting to be taken, an answer may take as long as it needs. A piece
/// that is sent must be taken within the limit.
package final class StallGuard: ChannelOutboundHandler, RemovableChannelHandler {
    package typealias OutboundIn = Any

    private let patience: TimeAmount
    /// Pieces that were sent and not yet taken.
    private var waiting = 0
    private var lastTaken = NIODeadline.now()
    private var check: Scheduled<Void>?

    /// - Parameter patience: how long a piece may wait behind the previous one.
    package init(patience: TimeAmount) { self.patience = patience }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if waiting == 0 { lastTaken = context.eventLoop.now }
        waiting += 1
        let promise = promise ?? context.eventLoop.makePromise()
        let loop = context.eventLoop
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.waiting -= 1
            self.lastTaken = loop.now
        }
        if check == nil { schedule(context) }
        context.write(data, promise: promise)
    }

    private func schedule(_ context: ChannelHandlerContext) {
        check = context.eventLoop.assumeIsolated().scheduleTask(deadline: lastTaken + patience) {
            self.check = nil
            if self.waiting == 0 { return }
            if context.eventLoop.now >= self.lastTaken + self.patience {
                context.close(promise: nil)
            } else {
                self.schedule(context)
            }
        }
    }

    package func handlerRemoved(context: ChannelHandlerContext) { check?.cancel() }
}
