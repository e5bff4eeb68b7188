internal import CCurl
internal import Fault
internal import Glibc
internal import Synchronization

/// The engine's thread: takes commands, drives curl, delivers results.
final class TransferLoop: Sendable {
    enum Command: Sendable {
        case start(TransferID, HTTPRequest, BodyDestination, @Sendable (TransferResult) -> Void)
        case cancel(TransferID)
        case stop
    }

    private struct Running {
        /// Keyed by curl's handle, which curl's messages carry.
        var exchanges: [UnsafeMutableRawPointer: Exchange] = [:]
        /// Handles of finished transfers.
        var free: [CurlEasy] = []

        mutating func reuse(_ easy: CurlEasy) {
            easy.reset()
            free.append(easy)
        }
    }

    private let commands = Mutex<[Command]>([])
    /// Only the loop's own thread uses the handle, except for `curl_multi_wakeup`, which libcurl allows from any
    /// thread. It is freed when neither the engine nor the thread holds the loop any more.
    private nonisolated(unsafe) let multi: CurlMulti

    init() throws(Fault) {
        multi = try CurlMulti()
        // By default curl keeps four connections for each running transfer, and so closes most of them in every lull.
        nocturne_curl_multi_set_long(multi.pointer, CURLMOPT_MAXCONNECTS, 256)
    }

    func send(_ command: Command) {
        commands.withLock { $0.append(command) }
        curl_multi_wakeup(multi.pointer)
    }

    func run() {
        // A peer that closes its connection while OpenSSL writes would otherwise kill the whole process.
        var brokenPipe = sigset_t()
        sigemptyset(&brokenPipe)
        sigaddset(&brokenPipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)
        var running = Running()
        var stopping = false
        while !stopping {
            for command in takeCommands() {
                switch command {
                case .start(let id, let request, let destination, let completion):
                    let easy = running.free.popLast() ?? CurlEasy()
                    start(Exchange(id, easy, request, destination, completion), among: &running)
                case .cancel(let id):
                    if let exchange = running.exchanges.values.first(where: { $0.id == id }) {
                        cancel(exchange, among: &running)
                    }
                case .stop: stopping = true
                }
            }
            if stopping { break }
            var active: Int32 = 0
            curl_multi_perform(multi.pointer, &active)
            finishEnded(among: &running)
            // Waits for sockets, for curl's own timers and for `curl_multi_wakeup`.
            curl_multi_poll(multi.pointer, nil, 0, 1000, nil)
        }
        for exchange in Array(running.exchanges.values) { cancel(exchange, among: &running) }
    }

    private func takeCommands() -> [Command] {
        commands.withLock { all in
            defer { all.removeAll(keepingCapacity: true) }
            return all
        }
    }

    private func start(_ exchange: Exchange?, among running: inout Running) {
        guard let exchange else { return }
        if curl_multi_add_handle(multi.pointer, exchange.handle) == CURLM_OK {
            running.exchanges[exchange.handle] = exchange
        } else {
            exchange.finish(with: CURLE_FAILED_INIT)
        }
    }

    private func cancel(_ exchange: Exchange, among running: inout Running) {
        curl_multi_remove_handle(multi.pointer, exchange.handle)
        running.exchanges[exchange.handle] = nil
        exchange.finishCancelled()
        running.reuse(exchange.easy)
    }

    private func finishEnded(among running: inout Running) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi.pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            // The message is gone once its handle is removed.
            let code = nocturne_curl_message_result(message)
            curl_multi_remove_handle(multi.pointer, handle)
            if let exchange = running.exchanges.removeValue(forKey: handle) {
                exchange.finish(with: code)
                running.reuse(exchange.easy)
            }
        }
    }
}
