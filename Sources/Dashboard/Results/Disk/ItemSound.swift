internal import BatchFormat
internal import Fault
internal import Glibc
internal import JSON
internal import Signal

/// An item's audio as cleaned: mono, at the pipeline's rate.
struct ItemSound {
    private let samples: [Float]
    private let sampleRate: Int

    private var seconds: Double { (Double(samples.count) / Double(sampleRate) * 1000).rounded() / 1000 }

    /// Finds the audio of an item in the given stage and version; throws `.missing` if there is none.
    init(
        root: String, pipeline: String, batch: String, item: String, madeBy maker: BatchFolders.Maker,
        within allowance: Allowance
    ) throws(Fault) {
        let stages = try StageFiles.names(root: root, pipeline: pipeline, batch: batch)
        for stage in stages where (maker.stage ?? stage) == stage {
            let files = StageFiles(
                root: root, pipeline: pipeline, batch: batch, stage: stage, version: maker.version)
            guard let found = try files.find(item, within: allowance), found.part.has(TensorNames.audio),
                let rate = found.version.seal.identity.config["sample_rate"]?.int, rate > 0
            else { continue }
            // The view is valid as long as the file, so copy the samples first.
            let file = try found.part.tensors(TensorNames.audio)
            guard let tensor = file.tensor(ItemID(item)) else { continue }
            samples = Array(tensor.floats)
            sampleRate = rate
            return
        }
        let place = [pipeline, batch, maker.stage, maker.version].compactMap { $0 }.joined(separator: "/")
        throw Fault(
            .missing,
            "there is no audio of '\(item)' in '\(place)': 'clean' has not made any, or it was removed")
    }

    /// For tests.
    init(samples: [Float], sampleRate: Int) {
        self.samples = samples
        self.sampleRate = sampleRate
    }

    // Pictures are available to users who must not listen, and are not recorded in the audit log: they are too coarse
    // to reconstruct speech, however short the audio is.

    /// The smallest and the largest sample of each of `points` equal spans; of fewer, if they would be shorter than 10
    /// ms or 160 samples.
    func waveform(points: Int) -> JSON {
        let spans = Self.spans(points, of: samples.count, atLeast: max(160, sampleRate / 100))
        var (minimum, maximum): ([JSON], [JSON]) = ([], [])
        for span in 0..<spans {
            let piece = samples[samples.count * span / spans..<samples.count * (span + 1) / spans]
            minimum.append(Self.number(piece.min() ?? 0, decimals: 1e4))
            maximum.append(Self.number(piece.max() ?? 0, decimals: 1e4))
        }
        return [
            "seconds": .double(seconds), "sample_rate": JSON(sampleRate), "minimum": .array(minimum),
            "maximum": .array(maximum),
        ]
    }

    /// The energy in mel bands, in dB, as computed by Kaldi every 10 ms; the mean over each of `frames` equal spans, of
    /// fewer if they would be shorter than 40 ms.
    func spectrogram(frames: Int, bands: Int) throws(Fault) -> JSON {
        var options = KaldiFbank.Options()
        options.melBins = bands
        options.frames.sampleRate = sampleRate
        let fbank: KaldiFbank
        do {
            fbank = try KaldiFbank(options)
        } catch {
            throw Fault(.usage, "there is no spectrogram of \(bands) bands at \(sampleRate) Hz: \(error)")
        }
        let count = fbank.frameCount(samples: samples.count)
        let spans = Self.spans(frames, of: count, atLeast: 4)
        var rows: [Float] = []
        if count > 0 { fbank.extract(samples.span, frames: 0..<count, into: &rows) }
        var values: [JSON] = []
        for span in 0..<spans {
            let block = count * span / spans..<count * (span + 1) / spans
            values.append(
                .array(
                    (0..<bands).map { band in
                        let energy = block.reduce(0.0) { $0 + exp(Double(rows[$1 * bands + band])) }
                        return Self.number(10 * log10(energy / Double(block.count)), decimals: 10)
                    }))
        }
        return [
            "seconds": .double(seconds), "frames": JSON(spans), "bands": JSON(bands), "values": .array(values),
        ]
    }

    /// A WAV file of 16-bit samples (IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0", 1991).
    func wav() -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ text: StaticString) { text.withUTF8Buffer { bytes += $0 } }
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
        }
        let dataBytes = UInt32(clamping: samples.count * 2)
        append("RIFF")
        append(36 + dataBytes)
        append("WAVEfmt ")
        append(UInt32(16))
        append(UInt16(1))
        append(UInt16(1))
        append(UInt32(clamping: sampleRate))
        append(UInt32(clamping: sampleRate * 2))
        append(UInt16(2))
        append(UInt16(16))
        append("data")
        append(dataBytes)
        bytes.reserveCapacity(bytes.count + samples.count * 2)
        for sample in samples { append(Int16(max(-32_768, min(32_767, (sample * 32_767).rounded())))) }
        return bytes
    }

    /// How many spans to make of `count` values with at least `least` values each; one, if there are too few.
    private static func spans(_ wanted: Int, of count: Int, atLeast least: Int) -> Int {
        count == 0 ? 0 : min(wanted, max(1, count / least))
    }

    /// A few decimals are enough for a picture.
    private static func number(_ value: some BinaryFloatingPoint, decimals: Double) -> JSON {
        .double((Double(value) * decimals).rounded() / decimals)
    }
}
