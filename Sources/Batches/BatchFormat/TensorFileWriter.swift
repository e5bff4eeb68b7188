internal import Durable
public import Fault
internal import JSON

/// Writes a safetensors file tensor by tensor, so that memory does not follow the file's size.
///
/// The format's header stands in front and lists every tensor, so room is left for it: a number of bytes that follows
/// from the names that may come (not from what does come), filled up with spaces as the format allows. The same tensors
/// therefore give the same bytes.
public final class TensorFileWriter {
    // Room for one entry beside its quoted name: type, up to eight dimensions and two offsets of twenty digits each.
    private static let entryRoom = 256

    /// How much is written before the kernel is told to begin to write it to the disk.
    private static let writtenAtOnce = 8 << 20

    private let file: WrittenFile
    private let dataStart: Int
    /// Bytes of data that came, and where the tensor in the making began.
    private var (size, openedAt) = (0, 0)
    private var header = JSONObject()
    private var pending: [UInt8] = []
    private var (written, started) = (0, 0)

    /// The file's path.
    public var path: String { file.handle.path }

    /// Creates the file.
    ///
    /// - Parameter names: every name that may be written, so that the header's room is known.
    public init(_ path: String, names: [ItemID]) throws(Fault) {
        var room = 64
        for name in names { room += JSON.string(name.text).bytes(.canonical).count + Self.entryRoom }
        // Data starts at a multiple of 64, which suits vector loads from the mapping.
        dataStart = (8 + room + 63) / 64 * 64
        file = try WrittenFile(path)
        try file.handle.seek(to: dataStart)
        pending.reserveCapacity(1 << 20)
    }

    /// Adds a float32 tensor.
    ///
    /// - Parameter shape: the dimensions, row-major; their product is `floats.count`.
    public func append(_ name: ItemID, shape: [Int], floats: UnsafeBufferPointer<Float>) throws(Fault) {
        try extend(floats)
        close(name, shape: shape)
    }

    /// Adds to the data of the float32 tensor in the making, which ``close(_:shape:)`` gives its name.
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

    /// Ends the tensor in the making.
    func close(_ name: ItemID, shape: [Int]) {
        precondition(
            shape.reduce(TensorType.float32.size, *) == size - openedAt, "a tensor's shape must fit its data")
        header.appendNew(
            name.text,
            [
                "dtype": .string(TensorType.float32.rawValue), "shape": .array(shape.map { .int(Int64($0)) }),
                "data_offsets": [.int(Int64(openedAt)), .int(Int64(size))],
            ])
        openedAt = size
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

    /// Writes the header and flushes the file to the disk. Nothing may follow.
    public func finish() throws(Fault) { try complete().handle.sync() }

    /// Writes the header; what is left to do is to flush the file to the disk. Nothing may follow.
    func complete() throws(Fault) -> WrittenFile {
        try flush()
        var text: [UInt8] = []
        header.write(.compact, to: &text)
        guard text.count <= dataStart - 8 else {
            throw Fault(.defect, "the header of '\(path)' outgrew the room left for it")
        }
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: dataStart - 8 - text.count))
        var bytes = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
        bytes.append(contentsOf: text)
        try bytes.withUnsafeBytesTyped { (raw) throws(Fault) in try file.handle.write(raw, at: 0) }
        return file
    }
}
