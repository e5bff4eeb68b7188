internal import Durable
internal import Glibc
internal import Workers

/// Writes log lines to standard error behind the backs of those who log: a pipe that is full must not hold up answers.
///
/// What does not fit into ``mostWaiting`` bytes is dropped and counted.
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
                // Lines that come one upon the other are written together.
                usleep(20_000)
            }
        }
    }

    /// Takes a line, its end included.
    func write(_ line: [UInt8]) {
        state.change { state in
            if state.waiting.count + line.count > Self.mostWaiting {
                state.dropped += 1
            } else {
                state.waiting += line
            }
        }
    }

    /// How many lines were dropped.
    var dropped: Int { state.change { $0.dropped } }

    /// Writes what waits, and ends.
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
