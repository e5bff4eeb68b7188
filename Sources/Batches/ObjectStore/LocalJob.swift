internal import Durable
internal import Fault
internal import Glibc
internal import Synchronization
internal import Transfer

/// Tells jobs on other threads that nobody waits for them any more.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

/// What a job on a pool's thread found.
enum LocalResult: Sendable {
    /// The bytes are in the file, and add up to this.
    case summed(LocalSum)
    /// The file to copy is not there.
    case gone
    /// The file was written to while it was copied.
    case unsteady
    case failed(Fault)
}

struct LocalSum: Sendable {
    var bytes: Int64
    var sha256: String
    var found: [ChecksumKind: [UInt8]]
    /// Of a copied file: its version and time.
    var version: String?
    var lastModified: String?
    var etag: String?
}

/// The work on one object that is done on this machine alone: adding up what was transferred, and copying files.
enum LocalJob {
    private static let chunk = 1 << 20

    /// Adds up the bytes of a file that has been transferred.
    static func sum(_ file: TransferFile, _ expected: [ExpectedChecksum], stop: StopFlag) -> LocalResult {
        attempt { () throws(Fault) in
            var sums = RunningChecksums(for: expected)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 64)
            defer { buffer.deallocate() }
            var bytes: Int64 = 0
            while true {
                try check(stop)
                let count = try file.read(into: buffer, at: bytes)
                if count == 0 { break }
                sums.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                bytes += Int64(count)
            }
            let (sha256, found) = sums.finish()
            return .summed(LocalSum(bytes: bytes, sha256: sha256, found: found))
        }
    }

    /// Writes bytes that are at hand into a new file.
    static func write(
        _ bytes: [UInt8], etag: String?, to path: String, _ expected: [ExpectedChecksum]
    ) -> LocalResult {
        attempt { () throws(Fault) in
            let file = try TransferFile(creating: path)
            var sums = RunningChecksums(for: expected)
            let written: Result<Void, Fault> = bytes.withUnsafeBytes { raw in
                sums.update(raw)
                do throws(Fault) { return .success(try file.write(raw, at: 0)) } catch { return .failure(error) }
            }
            try written.get()
            let (sha256, found) = sums.finish()
            return .summed(LocalSum(bytes: Int64(bytes.count), sha256: sha256, found: found, etag: etag))
        }
    }

    /// Copies a regular file that lies below `root`, unless it changes meanwhile.
    static func copy(
        _ relative: [UInt8], below root: [UInt8], to target: String, _ expected: [ExpectedChecksum], stop: StopFlag
    ) -> LocalResult {
        attempt { () throws(Fault) in
            let path = root + [UInt8(ascii: "/")] + relative
            let text = String(decoding: path, as: UTF8.self)
            // Without O_NONBLOCK, opening a pipe that took the file's place would wait for a writer for ever.
            let source = FolderReader.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
            guard source >= 0 else {
                if errno == ENOENT || errno == ENOTDIR { return .gone }
                throw .system("read", text, errno: errno)
            }
            defer { close(source) }
            var before = stat()
            guard fstat(source, &before) == 0 else { throw .system("look at", text, errno: errno) }
            guard before.st_mode & S_IFMT == S_IFREG else { return .gone }
            // Asked of the open file: a link put into the path since the listing leads elsewhere.
            guard let real = FolderReader.resolved(Array("/proc/self/fd/\(source)".utf8)),
                real.starts(with: root + [UInt8(ascii: "/")])
            else { return .gone }

            let file = try TransferFile(creating: target)
            var sums = RunningChecksums(for: expected)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 64)
            defer { buffer.deallocate() }
            var bytes: Int64 = 0
            while true {
                try check(stop)
                let count = read(source, buffer.baseAddress, buffer.count)
                if count == 0 { break }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw .system("read", text, errno: errno)
                }
                let filled = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                sums.update(filled)
                try file.write(filled, at: bytes)
                bytes += Int64(count)
            }
            var after = stat()
            guard fstat(source, &after) == 0 else { throw .system("look at", text, errno: errno) }
            guard fileVersion(before) == fileVersion(after), bytes == Int64(after.st_size) else { return .unsteady }
            let (sha256, found) = sums.finish()
            return .summed(
                LocalSum(
                    bytes: bytes, sha256: sha256, found: found, version: fileVersion(after),
                    lastModified: HTTPDate.rfc3339(Int64(after.st_mtim.tv_sec))))
        }
    }

    private static func attempt(_ body: () throws(Fault) -> LocalResult) -> LocalResult {
        do throws(Fault) { return try body() } catch { return .failed(error) }
    }

    private static func check(_ stop: StopFlag) throws(Fault) {
        if stop.isSet { throw Fault(.retryLater, "stopped") }
    }
}
