import Glibc
import JSON
import TestKit
import TestTools

/// A connection that sends exactly the bytes it is given, and reads the answers.
final class Wire {
    private let descriptor: Int32
    private var waiting: [UInt8] = []

    /// Connects to a port of this machine.
    ///
    /// - Parameter receiveBuffer: how much the kernel buffers for a client that does not read.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        // A test that waits for something that never comes must fail, not hang.
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(descriptor)
            throw HarnessError("cannot connect to port \(port): errno \(errno)")
        }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false if the other side has closed the connection.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Whether the other side has closed the connection, once what it sent has been read.
    func isClosed() -> Bool {
        while readMore() {}
        return errno != EAGAIN
    }

    /// Reads up to a text; returns everything before it, and the text; `nil` at the end.
    func read(through end: String) -> [UInt8]? {
        let end = Array(end.utf8)
        var from = 0
        while true {
            var at = from
            while at + end.count <= waiting.count {
                if waiting[at..<at + end.count].elementsEqual(end) {
                    defer { waiting.removeFirst(at + end.count) }
                    return Array(waiting[..<(at + end.count)])
                }
                at += 1
            }
            from = at
            guard readMore() else { return nil }
        }
    }

    /// Reads a number of bytes; fewer at the end.
    func read(_ count: Int) -> [UInt8] {
        while waiting.count < count, readMore() {}
        defer { waiting.removeFirst(min(count, waiting.count)) }
        return Array(waiting.prefix(count))
    }

    /// Reads an answer's head.
    func head() throws -> Answer {
        guard let bytes = read(through: "\r\n\r\n") else { throw HarnessError("no answer came") }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw HarnessError("no HTTP: \(lines)")
        }
        var answer = Answer(status: status)
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            answer.headers[line[..<colon].lowercased()] = String(value)
        }
        return answer
    }

    /// Reads an answer with its body.
    func answer(hasBody: Bool = true) throws -> Answer {
        var answer = try head()
        if !hasBody || answer.status == 304 || answer.status == 204 { return answer }
        if let count = answer.headers["content-length"].flatMap({ Int($0) }) {
            answer.body = read(count)
        } else if answer.headers["transfer-encoding"] == "chunked" {
            while let chunk = chunk() { answer.body += chunk }
        }
        return answer
    }

    /// Reads a piece of a chunked body; `nil` at its end.
    func chunk() -> [UInt8]? {
        guard let line = read(through: "\r\n"),
            let count = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16)
        else { return nil }
        let bytes = read(count)
        _ = read(2)
        return count == 0 ? nil : bytes
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { waiting += buffer[..<count] }
        return count > 0
    }
}

/// An answer.
struct Answer: CustomStringConvertible {
    var status: Int
    /// Keyed by name in lower case.
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    init(status: Int) { self.status = status }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    func json() throws -> JSON { try JSON(parsing: body) }

    /// For a failed expectation.
    var description: String { "\(status) \(headers)\n\(text.prefix(2000))" }
}
