internal import Foundation
internal import Synchronization
internal import TestKit

/// Forwards between a client and a TCP server on 127.0.0.1, and causes harm at a moment that a test chooses.
public final class HarmfulRelay: Sendable {
    /// Bytes on their way to the server.
    public struct Chunk: Sendable {
        /// How many bytes preceded it, on all connections together.
        public let offset: Int
        /// The bytes.
        public let bytes: [UInt8]
    }

    /// What happens to a chunk.
    public enum Fate: Sendable {
        /// It arrives.
        case passes
        /// Some of its bytes arrive, then something is done, then the connection is cut at both ends.
        case isCut(after: Int, then: @Sendable () -> Void = {})
    }

    /// Where it listens.
    public let port: Int
    private let server: Int
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var offset = 0
        var isPassable = true
        var decide: @Sendable (Chunk) -> Fate = { _ in .passes }
    }

    /// Listens on a free port, and connects clients to `server`, another port.
    public init(to server: Int) throws {
        self.server = server
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else {
            throw HarnessError("the relay cannot listen: \(String(cString: strerror(errno)))")
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { self.connect(client) }
            }
        }
    }

    /// Accepts no more connections.
    public func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Called for each chunk before it is forwarded; may also do harm elsewhere. Restarts the count of bytes.
    public func decide(by decide: @escaping @Sendable (Chunk) -> Fate) {
        state.withLock { $0 = State(decide: decide) }
    }

    /// Whether clients get through.
    public var isPassable: Bool {
        get { state.withLock { $0.isPassable } }
        set { state.withLock { $0.isPassable = newValue } }
    }

    /// How many bytes were on their way to the server since the last ``decide(by:)``.
    public var byteCount: Int { state.withLock { $0.offset } }

    private func connect(_ client: Int32) {
        let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(UInt16(server))
        let isThrough =
            isPassable
            && withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Foundation.connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        if isThrough { relay(client, upstream) }
        Foundation.close(client)
        // What was delivered must be read before the end: a reset could overtake it.
        shutdown(upstream, Int32(SHUT_WR))
        while isThrough, !read(upstream).isEmpty {}
        Foundation.close(upstream)
    }

    private func relay(_ client: Int32, _ upstream: Int32) {
        var ends = [client, upstream].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&ends, 2, -1) > 0 {
            if ends[1].revents != 0 {
                let bytes = read(upstream)
                if bytes.isEmpty || !write(bytes[...], to: client) { return }
            }
            if ends[0].revents != 0 {
                let bytes = read(client)
                if bytes.isEmpty { return }
                let (chunk, decide) = state.withLock { state in
                    defer { state.offset += bytes.count }
                    return (Chunk(offset: state.offset, bytes: bytes), state.decide)
                }
                switch decide(chunk) {
                case .passes: if !write(bytes[...], to: upstream) { return }
                case .isCut(let count, let harm):
                    _ = write(bytes[..<min(count, bytes.count)], to: upstream)
                    return harm()
                }
            }
        }
    }

    private func read(_ descriptor: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }
}
