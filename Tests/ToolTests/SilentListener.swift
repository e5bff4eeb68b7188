import Glibc
import TestKit
import TestTools

/// A port on loopback that accepts connections and never answers.
final class SilentListener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) | listen(descriptor, 5) | getsockname(descriptor, pointer, &size)
            }
        }
        guard descriptor >= 0, status == 0 else { throw HarnessError("cannot listen on loopback") }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Waits until a client has connected.
    func waitForCaller() throws {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        try wait(for: "a connection") { poll(&polled, 1, 100) > 0 }
    }
}
