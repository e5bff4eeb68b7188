/// The frames of an MP3 file of one version, taken apart without SoundFile's help.
struct MP3Bytes {
    /// The info frame, and the frames of audio.
    var (info, frames): ([UInt8], [[UInt8]])
    /// Samples per frame.
    let samplesPerFrame: Int

    init(_ bytes: [UInt8]) {
        var (at, all) = (0, [[UInt8]]())
        let isVersion1 = bytes[1] & 8 != 0
        samplesPerFrame = isVersion1 ? 1152 : 576
        while at + 4 <= bytes.count {
            let high = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
            let low = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
            let rate = [44_100, 48_000, 32_000][Int(bytes[at + 2] >> 2 & 3)] / (isVersion1 ? 1 : 2)
            let kilobits = (isVersion1 ? high : low)[Int(bytes[at + 2] >> 4)]
            let size = samplesPerFrame / 8 * kilobits * 1000 / rate + Int(bytes[at + 2] >> 1 & 1)
            all.append(Array(bytes[at..<at + size]))
            at += size
        }
        (info, frames) = (all[0], Array(all.dropFirst()))
    }

    /// The file without its info frame.
    var bare: [UInt8] { frames.flatMap { $0 } }

    /// The file with another number of frames in its info frame.
    func counting(_ count: Int) -> [UInt8] {
        var frame = info
        let at = mark + 8
        for index in 0..<4 { frame[at + index] = UInt8(truncatingIfNeeded: count >> (24 - 8 * index)) }
        return frame + bare
    }

    /// The offset of "Xing" or "Info" in the info frame.
    private var mark: Int {
        info.indices.first { at in
            ["Xing", "Info"].contains { Array($0.utf8) == Array(info[at..<min(at + 4, info.count)]) }
        } ?? 0
    }
}
