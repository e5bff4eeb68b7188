internal import Durable
internal import Glibc
internal import Workers

/// Writes log lines to standard error in the background: a full pipe must not hold up answers.
///
/// Lines that do not fit into ``mostWaiting`` bytes are dropped and counted.
final class LineWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var dropped = 0
        var isClosed = false
    }

    private static let mostWaiting = 4 << 20

    private let state = ConditionLocked(State())
    private let descriptor: Int32
    private let thread: WorkerThread

    init(descriptor: Int32 = STDERR_FILENO) {
        self.descriptor = descriptor
        let state = state
        thread = WorkerThread {
            while true {
                let (lines, isLast) = state.wait { (state: inout State) -> ([UInt8], Bool)? in
                    guard !state.waiting.isEmpty || state.isClosed else { return nil }
                    defer { state.waiting = [] }
                    return (state.waiting, state.isClosed)
                }
                Self.write(lines, to: descriptor)
                if isLast { return }
                // Write lines that follow closely together.
                usleep(20_000)
            }
        }
    }

    /// Adds a line, including its newline.
    func write(_ line: [UInt8]) {
        state.change { state in
            if state.waiting.count + line.count > Self.mostWaiting {
                state.dropped += 1
            } else {
                state.waiting += line
            }
        }
    }

    /// The number of dropped lines.
    var dropped: Int { state.change { $0.dropped } }

    /// Writes what is waiting, and ends.
    func close() {
        state.change { $0.isClosed = true }
        thread.join()
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno != EINTR { return }
                rest = rest.dropFirst(max(0, count))
            }
        }
    }
}
