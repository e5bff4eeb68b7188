/// The frames of an MP3 file (ISO/IEC 11172-3 and 13818-3 layer III), each starting where the previous one ends.
///
/// mpg123 silently resynchronises over gaps; this finds gaps and a truncated last frame. The info frame written by
/// encoders ("Xing", "Info") promises a number of frames, which is checked. A file without one that was cut exactly
/// between two frames looks like a shorter file.
struct MPEGFrames {
    private struct Frame {
        let signature: Int
        let rate: Int
        let channels: Int
        let samples: Int
        let bytes: Int
        let sideInfo: Int
    }

    static func read(_ source: inout ByteSource) throws(SoundFileError) -> AudioHeader {
        let start = try audioStart(&source)
        let end = try audioEnd(&source)
        guard start < end else { throw .truncated("the file ends at byte \(source.count), before its audio") }
        let first = try frame(&source, at: start, in: nil)
        let promised = try infoFrames(&source, at: start, first)
        var (at, frames) = (start, 0)
        while at < end {
            if frames > 0, try isPadding(&source, from: at, to: end) { break }
            let next = try frame(&source, at: at, in: frames == 0 ? nil : first)
            guard at + next.bytes <= end else {
                if let promised {
                    throw .truncated(
                        promised: promised * first.samples, held: max(0, frames - 1) * first.samples, rate: first.rate)
                }
                throw .truncated("the file ends inside the MP3 frame at byte \(at)")
            }
            at += next.bytes
            frames += 1
        }
        // The info frame carries no audio and is not part of the number it promises.
        let held = promised == nil ? frames : frames - 1
        if let promised, promised > held {
            throw .truncated(promised: promised * first.samples, held: held * first.samples, rate: first.rate)
        }
        return try AudioHeader(
            .mp3, .mp3, sampleRate: first.rate, channels: first.channels, promisedFrames: nil)
    }

    /// The offset after the ID3v2 tags at the start.
    private static func audioStart(_ source: inout ByteSource) throws(SoundFileError) -> Int {
        var at = 0
        while true {
            let head = try source.bytes(at: at, 10)
            guard head.has("ID3") else { return at }
            guard head.count == 10 else { throw .truncated("the file ends inside its ID3 tag") }
            // "Synchsafe": seven bits per byte.
            let size = (6..<10).reduce(0) { $0 << 7 | head.big($1, 1) & 0x7F }
            let hasFooter = head.big(5, 1) & 0x10 != 0
            at += 10 + size + (hasFooter ? 10 : 0)
        }
    }

    /// The offset of the tags at the end (ID3v1, APEv2).
    private static func audioEnd(_ source: inout ByteSource) throws(SoundFileError) -> Int {
        var end = source.count
        if end >= 128, try source.bytes(at: end - 128, 3).has("TAG") { end -= 128 }
        if end >= 32 {
            let footer = try source.bytes(at: end - 32, 32)
            if footer.has("APETAGEX") {
                let hasHeader = footer.little(20, 4) & 0x8000_0000 != 0
                end -= min(end, footer.little(12, 4) + (hasHeader ? 32 : 0))
            }
        }
        return end
    }

    /// Whether only zeros are left.
    private static func isPadding(_ source: inout ByteSource, from: Int, to end: Int) throws(SoundFileError) -> Bool {
        var at = from
        while at < end {
            let block = try source.bytes(at: at, min(64 << 10, end - at))
            guard !block.isEmpty, block.allSatisfy({ $0 == 0 }) else { return false }
            at += block.count
        }
        return true
    }

    /// The number of frames promised by the info frame at the start, if there is one.
    private static func infoFrames(
        _ source: inout ByteSource, at: Int, _ first: Frame
    ) throws(SoundFileError) -> Int? {
        let info = try source.bytes(at: at + 4 + first.sideInfo, 12)
        guard info.count == 12, info.has("Xing") || info.has("Info"), info.big(4, 4) & 1 != 0 else { return nil }
        return info.big(8, 4)
    }

    /// The frame at an offset, which must belong to the same stream as the first one.
    private static func frame(
        _ source: inout ByteSource, at: Int, in stream: Frame?
    ) throws(SoundFileError) -> Frame {
        let head = try source.bytes(at: at, 4)
        guard head.count == 4 else { throw .truncated("the file ends inside the MP3 frame at byte \(at)") }
        let word = head.big(0, 4)
        let (version, layer) = (word >> 19 & 3, word >> 17 & 3)
        guard word >> 21 == 0x7FF, version != 1, layer != 0 else {
            throw .undecodable("no MP3 frame starts at byte \(at)")
        }
        guard layer == 1 else { throw .unsupported("MPEG audio layer \(4 - layer) is not supported, layer 3 is") }
        let (bitrateIndex, rateIndex, mode) = (word >> 12 & 15, word >> 10 & 3, word >> 6 & 3)
        guard bitrateIndex < 15, rateIndex < 3 else { throw .undecodable("the MP3 frame at byte \(at) is damaged") }
        guard bitrateIndex > 0 else { throw .unsupported("MP3 of free format is not supported") }
        let isVersion1 = version == 3
        let rate = [44_100, 48_000, 32_000][rateIndex] >> (isVersion1 ? 0 : version == 2 ? 1 : 2)
        let channels = mode == 3 ? 1 : 2
        let samples = isVersion1 ? 1152 : 576
        let kilobits = (isVersion1 ? bitrates1 : bitrates2)[bitrateIndex]
        let sideInfo = isVersion1 ? (channels == 1 ? 17 : 32) : (channels == 1 ? 9 : 17)
        // What must stay the same within a stream: version, layer, rate, and mono or not.
        let signature = (word >> 17) << 4 | rateIndex << 2 | channels
        if let stream, stream.signature != signature {
            throw .undecodable("the MP3 frame at byte \(at) does not belong to the stream before it")
        }
        return Frame(
            signature: signature, rate: rate, channels: channels, samples: samples,
            bytes: samples / 8 * kilobits * 1000 / rate + (word >> 9 & 1), sideInfo: sideInfo)
    }

    /// Kilobits per second by index, MPEG-1 and MPEG-2/2.5.
    private static let bitrates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
    private static let bitrates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
}
