internal import Durable
internal import Fault
internal import JSON
internal import Synchronization
internal import Time

/// Who exported results, and who listened to which recordings: JSON Lines in a separate file that is only appended to.
///
/// A line is on disk before the first byte is sent; what cannot be recorded is not sent.
final class AuditLog: Sendable {
    private let file: FileHandle
    private let turn = Mutex(())

    /// Opens the file, creating it if needed (74, 77).
    init(path: String) throws(Fault) { file = try FileHandle.appending(path) }

    /// Records one event and waits for the disk.
    ///
    /// - Parameter action: `export` or `listen`.
    func record(_ action: String, _ visit: IncomingRequest) throws(Fault) {
        let line: JSON = [
            "time": .string(WallClock.text(WallClock.now())), "action": .string(action),
            "name": .string(visit.visitor.name),
            "role": .string(visit.visitor.role.rawValue), "client": .string(visit.client),
            "target": .string(visit.target),
        ]
        let bytes = line.bytes(.line) + [UInt8(ascii: "\n")]
        try turn.withLock { (_) throws(Fault) in
            guard try file.isLinked() else {
                throw Fault(.disk, "'\(file.path)' was removed while in use; restart the server")
            }
            try bytes.withUnsafeBytesTyped { (raw) throws(Fault) in try file.write(raw) }
            try file.sync()
        }
    }
}
