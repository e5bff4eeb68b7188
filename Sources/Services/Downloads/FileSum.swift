internal import Fault
internal import Synchronization
internal import Transfer

/// Hashes a file from its start while the rest is still being transferred.
final class FileSum: Sendable {
    private struct State: ~Copyable {
        var sums: RunningChecksums
        var bytes: Int64 = 0
    }

    private let file: TransferFile
    private let state: Mutex<State>

    init(_ file: TransferFile, _ kinds: Set<ChecksumKind>) {
        self.file = file
        state = Mutex(State(sums: RunningChecksums(kinds)))
    }

    /// Hashes up to an offset; `nil` for the end of the file, in which case the result is the sum.
    func add(upTo end: Int64?, stop: Cancellation) -> LocalResult {
        state.withLock { state in
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: LocalJob.chunk, alignment: 64)
            defer { buffer.deallocate() }
            do throws(Fault) {
                while end.map({ state.bytes < $0 }) ?? true {
                    try LocalJob.check(stop)
                    let most = end.map { Int(min(Int64(buffer.count), $0 - state.bytes)) } ?? buffer.count
                    let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<most])
                    let count = try file.read(into: wanted, at: state.bytes)
                    if count == 0 { break }
                    state.sums.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    state.bytes += Int64(count)
                }
            } catch {
                return .failed(error)
            }
            return end == nil ? .summed(LocalSum(bytes: state.bytes, found: state.sums.finish())) : .added
        }
    }
}
