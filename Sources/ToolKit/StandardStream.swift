internal import Glibc
internal import Synchronization

/// Standard output and standard error, written without buffering, so that nothing printed is lost when a tool dies.
enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    private static let outputError = Atomic<Int32>(0)

    /// The errno of the first failed write to standard output, 0 if none failed.
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
