internal import Glibc
internal import Synchronization

/// Standard output and standard error, written without buffering, so that what was printed is out when a tool dies.
enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    private static let outputError = Atomic<Int32>(0)

    /// The errno of the first write to standard output that failed, 0 if none did.
    static var failure: Int32 { outputError.load(ordering: .relaxed) }

    func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(rawValue, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    if self == .output { Self.outputError.store(errno, ordering: .relaxed) }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
