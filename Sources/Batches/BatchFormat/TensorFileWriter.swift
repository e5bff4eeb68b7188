internal import Durable
public import Fault
internal import JSON

/// Writes a safetensors file tensor by tensor, so that memory does not grow with the file's size.
///
/// The format's header comes first and lists every tensor, so space is reserved for it: a number of bytes that follows
/// from the names that may come (not from those that do), padded with spaces as the format allows. The same tensors
/// therefore give the same bytes.
public final class TensorFileWriter {
    // Space for one entry besides its quoted name: type, up to eight dimensions and two offsets of twenty digits each.
    private static let entryRoom = 256

    /// How many bytes are written before the kernel is asked to start writing them to disk.
    private static let writtenAtOnce = 8 << 20

    private let file: WrittenFile
    private var dataStart: Int
    private var header: [(name: ItemID, entry: JSON)] = []
    private var pending: [UInt8] = []
    /// Bytes of data received, how many of them are in the file, and how many the kernel was asked to start writing.
    private var (size, written, started) = (0, 0, 0)
    /// Where the current tensor starts.
    private var openedAt = 0
    /// What ``discard()`` returns to.
    private var kept = (tensors: 0, size: 0)

    /// The file's path.
    public var path: String { file.handle.path }

    /// Creates the file.
    ///
    /// - Parameters:
    ///   - names: every name that may be written, which determines the header's size.
    ///   - room: bytes to reserve in the header for names that are not known yet.
    public init(_ path: String, names: [ItemID], room: Int = 0) throws(Fault) {
        var room = room + 64
        for name in names { room += JSON.string(name.text).bytes(.canonical).count + Self.entryRoom }
        dataStart = Self.dataStart(headerSize: room)
        file = try WrittenFile(path)
        try file.handle.seek(to: dataStart)
        pending.reserveCapacity(1 << 20)
    }

    // Data starts at a multiple of 64, which suits vector loads from the mapping.
    private static func dataStart(headerSize: Int) -> Int { (8 + headerSize + 63) / 64 * 64 }

    /// Adds a float32 tensor.
    ///
    /// - Parameter shape: the dimensions, row-major; their product is `floats.count`.
    public func append(_ name: ItemID, shape: [Int], floats: UnsafeBufferPointer<Float>) throws(Fault) {
        try extend(floats)
        close(name, shape: shape)
        keep()
    }

    /// Appends data to the current float32 tensor, which ``close(_:shape:)`` names.
    func extend(_ floats: UnsafeBufferPointer<Float>) throws(Fault) {
        let bytes = UnsafeRawBufferPointer(floats)
        size += bytes.count
        if bytes.count >= 1 << 18 {
            try flush()
            try write(bytes)
        } else {
            pending.append(contentsOf: bytes)
            if pending.count >= 1 << 20 { try flush() }
        }
    }

    /// Ends the current tensor; without a shape, it has one dimension.
    func close(_ name: ItemID, shape: [Int]?) {
        let shape = shape ?? [(size - openedAt) / TensorType.float32.size]
        precondition(
            shape.reduce(TensorType.float32.size, *) == size - openedAt, "a tensor's shape must fit its data")
        let entry: JSON = [
            "dtype": .string(TensorType.float32.rawValue), "shape": .array(shape.map { .int(Int64($0)) }),
            "data_offsets": [.int(Int64(openedAt)), .int(Int64(size))],
        ]
        header.append((name, entry))
        openedAt = size
    }

    /// Discards the data of the current tensor.
    func drop() throws(Fault) { try goBack(to: openedAt) }

    /// Makes everything so far permanent: ``discard()`` returns to here.
    func keep() { kept = (header.count, size) }

    /// Discards everything since the last ``keep()``.
    func discard() throws(Fault) {
        header.removeLast(header.count - kept.tensors)
        try goBack(to: kept.size)
    }

    private func goBack(to end: Int) throws(Fault) {
        if end >= written {
            pending.removeLast(size - end)
        } else {
            pending.removeAll(keepingCapacity: true)
            try file.handle.seek(to: dataStart + end)
            (written, started) = (end, min(started, end))
        }
        (size, openedAt) = (end, end)
    }

    private func flush() throws(Fault) {
        try pending.withUnsafeBytesTyped { (raw) throws(Fault) in try write(raw) }
        pending.removeAll(keepingCapacity: true)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
        try file.handle.write(bytes)
        written += bytes.count
        if written - started >= Self.writtenAtOnce {
            file.handle.startWriting(from: dataStart + started, count: written - started)
            started = written
        }
    }

    /// Writes the header and flushes the file to disk. Nothing may follow.
    public func finish() throws(Fault) { try complete().handle.sync() }

    /// Writes the header; the file remains to be flushed. Nothing may follow.
    func complete() throws(Fault) -> WrittenFile {
        try flush()
        var object = JSONObject()
        for (name, entry) in header { object.appendNew(name.text, entry) }
        var text: [UInt8] = []
        object.write(.compact, to: &text)
        if text.count > dataStart - 8 { try moveData(to: Self.dataStart(headerSize: text.count)) }
        // Discarded data may follow the end.
        try file.handle.truncate(to: dataStart + size)
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: dataStart - 8 - text.count))
        var bytes = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
        bytes.append(contentsOf: text)
        try bytes.withUnsafeBytesTyped { (raw) throws(Fault) in try file.handle.write(raw, at: 0) }
        return file
    }

    /// Makes space for a header larger than expected by moving all data back, starting at the end.
    private func moveData(to newStart: Int) throws(Fault) {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { block.deallocate() }
        var end = size
        while end > 0 {
            let start = max(0, end - block.count)
            var read = 0
            while read < end - start {
                let count = try file.handle.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: block[read..<end - start]),
                    at: dataStart + start + read)
                guard count > 0 else { throw Fault(.disk, "'\(path)' is shorter than what was written to it") }
                read += count
            }
            try file.handle.write(UnsafeRawBufferPointer(rebasing: block[..<read]), at: newStart + start)
            end = start
        }
        dataStart = newStart
    }
}
