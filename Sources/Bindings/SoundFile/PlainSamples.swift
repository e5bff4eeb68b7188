/// Where an uncompressed recording's samples lie in its file.
struct PlainLayout {
    /// The offset of the first sample.
    let start: Int
    /// The number of frames.
    let frames: Int
    /// Whether a sample's first byte is its most significant one.
    var isBigEndian = false
}

extension AudioEncoding {
    /// Bytes per sample, if samples are plain numbers.
    var plainWidth: Int? {
        switch self {
        case .pcm8, .pcmS8, .muLaw, .aLaw: 1
        case .pcm16: 2
        case .pcm24: 3
        case .pcm32, .float32: 4
        case .float64: 8
        case .gsm610, .flac, .vorbis, .opus, .mp3: nil
        }
    }
}

/// Converts uncompressed samples to floats. Most of what devices send is uncompressed, and need not pass through a
/// decoder written in C. The values equal libsndfile's: integers divided by their full scale, floats unchanged.
struct PlainSamples {
    private let encoding: AudioEncoding
    private let source: ByteSource
    private let isBigEndian: Bool
    private let frameBytes: Int
    private var next: Int
    private let end: Int
    private var bytes: [UInt8] = []

    /// Bytes kept free in front, so that the three bytes of a 24-bit sample can be read as the upper three of four.
    private static let margin = 8

    init(_ header: AudioHeader, _ layout: PlainLayout, of source: ByteSource) {
        self.source = source
        encoding = header.encoding
        isBigEndian = layout.isBigEndian
        frameBytes = (header.encoding.plainWidth ?? 1) * header.channels
        next = layout.start
        end = layout.start + layout.frames * frameBytes
    }

    /// Reads the next frames into `buffer`, interleaved; returns how many, 0 at the end.
    mutating func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(SoundFileError) -> Int {
        let samplesPerFrame = frameBytes / width
        let wanted = min(buffer.count / samplesPerFrame * frameBytes, end - next)
        let size = Self.margin + wanted
        if bytes.count < size { bytes = [UInt8](repeating: 0, count: size) }
        var (read, failure) = (0, SoundFileError?.none)
        let (position, encoding, source) = (next, encoding, source)
        bytes.withUnsafeMutableBytes { bytes in
            let room = UnsafeMutableRawBufferPointer(rebasing: bytes[Self.margin..<size])
            do throws(SoundFileError) { read = try source.read(into: room, at: position) } catch { failure = error }
        }
        if let failure { throw failure }
        let frames = read / frameBytes
        bytes.withUnsafeBytes { bytes in
            guard let first = bytes.baseAddress, let floats = buffer.baseAddress else { return }
            let (count, samples) = (frames * samplesPerFrame, first + Self.margin)
            if isBigEndian {
                Self.convertBigEndian(samples, encoding, count: count, to: floats)
            } else {
                Self.convert(samples, encoding, count: count, to: floats)
            }
        }
        next += frames * frameBytes
        return frames
    }

    private var width: Int { encoding.plainWidth ?? 1 }

    // Plain loops over plain pointers, which the compiler turns into vector instructions.
    private static func convert(
        _ bytes: UnsafeRawPointer, _ encoding: AudioEncoding, count: Int, to floats: UnsafeMutablePointer<Float>
    ) {
        switch encoding {
        case .pcm8:
            for index in 0..<count {
                let value = bytes.load(fromByteOffset: index, as: UInt8.self)
                floats[index] = Float(Int32(value) &- 128) * (1 / 0x80)
            }
        case .pcmS8:
            for index in 0..<count {
                floats[index] = Float(bytes.load(fromByteOffset: index, as: Int8.self)) * (1 / 0x80)
            }
        case .muLaw:
            for index in 0..<count {
                floats[index] = G711.muLaw[Int(bytes.load(fromByteOffset: index, as: UInt8.self))]
            }
        case .aLaw:
            for index in 0..<count { floats[index] = G711.aLaw[Int(bytes.load(fromByteOffset: index, as: UInt8.self))] }
        case .pcm16:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 2 &* index, as: Int16.self)
                floats[index] = Float(Int16(littleEndian: value)) * (1 / 0x8000)
            }
        case .pcm24:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 3 &* index &- 1, as: Int32.self)
                floats[index] = Float(Int32(littleEndian: value) & ~0xFF) * (1 / 0x8000_0000)
            }
        case .pcm32:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 4 &* index, as: Int32.self)
                floats[index] = Float(Int32(littleEndian: value)) * (1 / 0x8000_0000)
            }
        case .float32:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self)
                floats[index] = Float(bitPattern: UInt32(littleEndian: value))
            }
        case .float64:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self)
                floats[index] = Float(Double(bitPattern: UInt64(littleEndian: value)))
            }
        case .gsm610, .flac, .vorbis, .opus, .mp3: preconditionFailure("\(encoding) is not a plain number")
        }
    }

    private static func convertBigEndian(
        _ bytes: UnsafeRawPointer, _ encoding: AudioEncoding, count: Int, to floats: UnsafeMutablePointer<Float>
    ) {
        switch encoding {
        case .pcm16:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 2 &* index, as: Int16.self)
                floats[index] = Float(Int16(bigEndian: value)) * (1 / 0x8000)
            }
        case .pcm24:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 3 &* index &- 1, as: Int32.self)
                floats[index] = Float(Int32(bigEndian: value) << 8) * (1 / 0x8000_0000)
            }
        case .pcm32:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 4 &* index, as: Int32.self)
                floats[index] = Float(Int32(bigEndian: value)) * (1 / 0x8000_0000)
            }
        case .float32:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self)
                floats[index] = Float(bitPattern: UInt32(bigEndian: value))
            }
        case .float64:
            for index in 0..<count {
                let value = bytes.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self)
                floats[index] = Float(Double(bitPattern: UInt64(bigEndian: value)))
            }
        case .pcm8, .pcmS8, .muLaw, .aLaw, .gsm610, .flac, .vorbis, .opus, .mp3:
            convert(bytes, encoding, count: count, to: floats)
        }
    }
}
