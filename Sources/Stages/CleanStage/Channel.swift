import Glibc
internal import Time

/// Whole messages over one end of a socket pair: a JSON text, or samples.
///
/// Each message is a header of 16 bytes (the text's length in bytes and the number of samples, both 64-bit in native
/// byte order, because both ends are the same program on the same machine), the text, the samples. One end belongs to
/// one thread at a time.
struct Channel {
    /// The socket's descriptor; the channel does not own it.
    let descriptor: Int32

    /// Why no message was received.
    enum Failure: Error {
        /// The other end is gone.
        case closed
        /// The other end did not answer in time.
        case late
        /// The data is not a message.
        case garbled
    }

    /// The longest text accepted.
    private static let longestText = 1 << 20

    /// Sends a text. MSG_NOSIGNAL: the other end may have died, and SIGPIPE must not kill us.
    func send(_ text: [UInt8]) throws(Failure) {
        try text.withUnsafeBufferPointer { (text) throws(Failure) in
            try send(text.count, 0, UnsafeRawBufferPointer(text))
        }
    }

    /// Sends samples.
    func send(_ samples: UnsafeBufferPointer<Float>) throws(Failure) {
        try send(0, samples.count, UnsafeRawBufferPointer(samples))
    }

    private func send(_ text: Int, _ samples: Int, _ bytes: UnsafeRawBufferPointer) throws(Failure) {
        try withUnsafeBytes(of: (text, samples)) { (header) throws(Failure) in try sendAll(header) }
        try sendAll(bytes)
    }

    /// Receives a message.
    ///
    /// - Parameters:
    ///   - mostSamples: a message with more samples is garbled.
    ///   - deadline: the time of the monotonic clock, by which the whole message must arrive; `nil` waits indefinitely.
    func receive(mostSamples: Int, until deadline: Double? = nil) throws(Failure) -> (text: [UInt8], samples: [Float]) {
        let header: [Int] = try receive(2, until: deadline)
        guard (0...Self.longestText).contains(header[0]), (0...mostSamples).contains(header[1]) else { throw .garbled }
        return (try receive(header[0], until: deadline), try receive(header[1], until: deadline))
    }

    private func sendAll(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = Glibc.send(
                descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            if count > 0 {
                sent += count
            } else if errno != EINTR {
                throw .closed
            }
        }
    }

    private func receive<Element: BitwiseCopyable>(
        _ count: Int, until deadline: Double?
    ) throws(Failure) -> [Element] {
        var failure: Failure?
        let elements = [Element](unsafeUninitializedCapacity: count) { room, initialized in
            let bytes = UnsafeMutableRawBufferPointer(
                start: room.baseAddress, count: count * MemoryLayout<Element>.stride)
            failure = receiveAll(bytes, until: deadline)
            initialized = failure == nil ? count : 0
        }
        if let failure { throw failure }
        return elements
    }

    private func receiveAll(_ bytes: UnsafeMutableRawBufferPointer, until deadline: Double?) -> Failure? {
        var received = 0
        while received < bytes.count {
            if let deadline {
                let left = max(0, deadline - MonotonicClock.now())
                var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                // At most a minute at a time: a limit may be longer than poll can count. A message that has already
                // arrived is not late, however long we were busy with earlier ones.
                guard poll(&watched, 1, Int32(min(left, 60) * 1000)) > 0 else {
                    if left == 0 { return .late }
                    continue
                }
            }
            let count = recv(descriptor, bytes.baseAddress.map { $0 + received }, bytes.count - received, 0)
            if count > 0 {
                received += count
            } else if count == 0 || errno != EINTR {
                return .closed
            }
        }
        return nil
    }
}
