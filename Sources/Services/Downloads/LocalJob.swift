internal import Durable
internal import Fault
internal import Glibc
internal import ObjectSources
internal import Time
internal import Transfer

/// The result of a job on a pool's thread.
enum LocalResult: Sendable {
    /// The requested stretch is hashed; more is to come.
    case added
    /// The bytes are in the file, with this sum.
    case summed(LocalSum)
    /// The file to copy does not exist.
    case gone
    /// The file was written to while it was copied.
    case unsteady
    case failed(Fault)
}

struct LocalSum: Sendable {
    var bytes: Int64
    /// SHA-256, and the other expected checksums.
    var found: [ChecksumKind: [UInt8]]
    /// For a copied file: its version and time.
    var version: String?
    var lastModified: String?
    var etag: String?
}

/// A whole object's bytes in memory.
struct ShortBody: Sendable {
    let bytes: [UInt8]
    let etag: String?
    /// The file to write them to.
    let path: String
    /// The checksums to compute.
    let kinds: Set<ChecksumKind>
}

/// The local work on one object: hashing what was transferred, and copying files.
enum LocalJob {
    static let chunk = 1 << 20

    /// Writes short bodies from memory into new files, hashing each one.
    static func write(_ bodies: [ShortBody]) -> [LocalResult] {
        let sums = withPointers(to: bodies[...]) { RunningChecksums.of($0, bodies.map(\.kinds)) }
        return zip(bodies, sums).map { body, found in
            attempt { () throws(Fault) in
                let file = try TransferFile(creating: body.path)
                try body.bytes.withUnsafeBytesTyped { (raw) throws(Fault) in try file.write(raw, at: 0) }
                return .summed(LocalSum(bytes: Int64(body.bytes.count), found: found, etag: body.etag))
            }
        }
    }

    private static func withPointers<Value>(
        to bodies: ArraySlice<ShortBody>, _ before: [UnsafeRawBufferPointer] = [],
        _ use: ([UnsafeRawBufferPointer]) -> Value
    ) -> Value {
        guard let first = bodies.first else { return use(before) }
        return first.bytes.withUnsafeBytes { withPointers(to: bodies.dropFirst(), before + [$0], use) }
    }

    /// Copies a regular file below `root`, unless it changes meanwhile.
    static func copy(
        _ relative: [UInt8], below root: [UInt8], to target: String, _ kinds: Set<ChecksumKind>, stop: Cancellation
    ) -> LocalResult {
        attempt { () throws(Fault) in
            let path = root + [UInt8(ascii: "/")] + relative
            let text = String(decoding: path, as: UTF8.self)
            // Without O_NONBLOCK, opening a pipe that has replaced the file would wait for a writer indefinitely.
            let source = FolderReader.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
            guard source >= 0 else {
                if errno == ENOENT || errno == ENOTDIR { return .gone }
                throw .system("read", text, errno: errno)
            }
            defer { close(source) }
            var before = stat()
            guard fstat(source, &before) == 0 else { throw .system("look at", text, errno: errno) }
            guard before.st_mode & S_IFMT == S_IFREG else { return .gone }
            // Checks the open file: a link put into the path since the listing leads elsewhere.
            guard let real = FolderReader.resolved(Array("/proc/self/fd/\(source)".utf8)),
                real.starts(with: root + [UInt8(ascii: "/")])
            else { return .gone }

            let file = try TransferFile(creating: target)
            var sums = RunningChecksums(kinds)
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
            return .summed(
                LocalSum(
                    bytes: bytes, found: sums.finish(), version: fileVersion(after),
                    lastModified: Moment(seconds: after.st_mtim.tv_sec).text(decimals: 0)))
        }
    }

    static func attempt(_ body: () throws(Fault) -> LocalResult) -> LocalResult {
        do throws(Fault) { return try body() } catch { return .failed(error) }
    }

    static func check(_ stop: Cancellation) throws(Fault) {
        if stop.isRequested { throw Fault(.retryLater, "stopped") }
    }
}
