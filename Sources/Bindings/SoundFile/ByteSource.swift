/// The bytes of a file, or a rearrangement of them, which parsers and decoders read at any offset.
///
/// A rearrangement is how a decoder gets the audio alone: without tags around it, with several streams as one, or with
/// a header that says what is there.
struct ByteSource {
    /// A stretch of bytes.
    enum Extent {
        /// Bytes of the file.
        case file(Range<Int>)
        /// Other bytes, in their place.
        case bytes([UInt8])

        fileprivate var count: Int {
            switch self {
            case .file(let range): range.count
            case .bytes(let bytes): bytes.count
            }
        }
    }

    /// The number of bytes.
    let count: Int

    private let file: OpenFile
    private let extents: [Extent]
    /// Where each extent starts.
    private let starts: [Int]
    private var window: [UInt8] = []
    private var windowStart = 0

    /// Larger than the largest Ogg page (65,307 bytes), so that one read fetches a page.
    private static let windowSize = 128 << 10

    init(path: String) throws(SoundFileError) {
        let file = try OpenFile(path: path)
        self.init(file, [.file(0..<file.size)])
    }

    private init(_ file: OpenFile, _ extents: [Extent]) {
        var (starts, count) = ([Int](), 0)
        for extent in extents {
            starts.append(count)
            count += extent.count
        }
        (self.file, self.extents, self.starts, self.count) = (file, extents, starts, count)
    }

    /// The same file in another arrangement.
    func arranged(_ extents: [Extent]) -> ByteSource { ByteSource(file, extents) }

    /// A part of these bytes as a source of its own.
    func part(_ range: Range<Int>) -> ByteSource { arranged(pieces(range)) }

    /// The extents of a range of these bytes.
    func pieces(_ range: Range<Int>) -> [Extent] {
        var pieces: [Extent] = []
        var at = max(range.lowerBound, 0)
        while at < min(range.upperBound, count) {
            let index = extent(at: at)
            let (start, end) = (starts[index], min(starts[index] + extents[index].count, range.upperBound))
            switch extents[index] {
            case .file(let whole): pieces.append(.file(whole.lowerBound + at - start..<whole.lowerBound + end - start))
            case .bytes(let whole): pieces.append(.bytes(Array(whole[at - start..<end - start])))
            }
            at = end
        }
        return pieces
    }

    /// `length` bytes at an offset (at most 128 KiB), or fewer at the end.
    mutating func bytes(at offset: Int, _ length: Int) throws(SoundFileError) -> ArraySlice<UInt8> {
        guard offset >= 0, offset < count else { return [] }
        let end = min(offset + length, count)
        if offset < windowStart || end > windowStart + window.count { try fill(from: offset) }
        let first = offset - windowStart
        return window[first..<min(end - windowStart, window.count)]
    }

    /// Reads the bytes at an offset straight into `buffer`; returns how many: fewer than requested at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SoundFileError) -> Int {
        var (at, filled) = (offset, 0)
        while filled < buffer.count, at >= 0, at < count {
            let index = extent(at: at)
            let inside = at - starts[index]
            let room = UnsafeMutableRawBufferPointer(
                rebasing: buffer[filled..<min(buffer.count, filled + extents[index].count - inside)])
            var got = room.count
            switch extents[index] {
            case .file(let range): got = try file.read(into: room, at: range.lowerBound + inside)
            case .bytes(let bytes): room.copyBytes(from: bytes[inside..<inside + room.count])
            }
            // The file has become shorter since it was opened.
            if got == 0 { break }
            filled += got
            at += got
        }
        return filled
    }

    /// The last extent that starts at or before an offset, and is not empty there.
    private func extent(at offset: Int) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    private mutating func fill(from offset: Int) throws(SoundFileError) {
        let source = self
        let wanted = min(Self.windowSize, count - offset)
        var failure: SoundFileError?
        window = Array(unsafeUninitializedCapacity: wanted) { buffer, filled in
            do throws(SoundFileError) {
                filled = try source.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        windowStart = offset
        if let failure { throw failure }
    }
}

extension ArraySlice<UInt8> {
    /// The unsigned little-endian number of `width` bytes at `offset` from the slice's start, at most 2⁶²: small enough
    /// to be added to.
    func little(_ offset: Int, _ width: Int) -> Int {
        var value: UInt64 = 0
        for byte in self[startIndex + offset..<startIndex + offset + width].reversed() {
            value = value << 8 | UInt64(byte)
        }
        return Int(Swift.min(value, 1 << 62))
    }

    /// The unsigned big-endian number of `width` bytes at `offset` from the slice's start, at most 2⁶².
    func big(_ offset: Int, _ width: Int) -> Int {
        var value: UInt64 = 0
        for byte in self[startIndex + offset..<startIndex + offset + width] { value = value << 8 | UInt64(byte) }
        return Int(Swift.min(value, 1 << 62))
    }

    /// Whether the slice has this ASCII text at `offset` from its start.
    func has(_ text: StaticString, at offset: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= offset + length else { return false }
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: length)
        return self[startIndex + offset..<startIndex + offset + length].elementsEqual(expected)
    }

    /// The slice as text for a message: printable ASCII unchanged, the rest as dots.
    var printable: String {
        String(decoding: map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }
}
