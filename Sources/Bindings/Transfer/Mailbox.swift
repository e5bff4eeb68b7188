package import Fault
internal import Glibc
internal import Synchronization

/// Messages from any thread to one thread that waits for them with a timeout, which `ConditionLocked` does not have.
package final class Mailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    /// A pipe that contains a byte while there may be messages.
    private let bell: (reading: Int32, writing: Int32)

    /// - Throws: `.retryLater` if the process is out of descriptors.
    package init() throws(Fault) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Fault(.retryLater, "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        bell = (ends[0], ends[1])
    }

    deinit {
        close(bell.reading)
        close(bell.writing)
    }

    /// Posts a message.
    package func post(_ message: Message) {
        let wasEmpty = messages.withLock { all in
            defer { all.append(message) }
            return all.isEmpty
        }
        if wasEmpty {
            var ring: UInt8 = 0
            _ = write(bell.writing, &ring, 1)
        }
    }

    /// Takes all messages in the order they were posted; waits at most `seconds` for the first one.
    package func take(waiting seconds: Double) -> [Message] {
        let ready = drain()
        guard ready.isEmpty, seconds > 0 else { return ready }
        var waited = pollfd(fd: bell.reading, events: Int16(POLLIN), revents: 0)
        // Rounded up: a wait of less than a millisecond must not become a busy loop.
        _ = poll(&waited, 1, Int32(min(seconds * 1000, 1_000_000).rounded(.up)))
        return drain()
    }

    private func drain() -> [Message] {
        // The bell is silenced first: a message posted in between rings it again.
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while read(bell.reading, buffer.baseAddress, buffer.count) == buffer.count {}
        }
        return messages.withLock { all in
            defer { all.removeAll(keepingCapacity: true) }
            return all
        }
    }
}
