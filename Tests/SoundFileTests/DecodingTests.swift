import Fault
import Glibc
import SoundFile
import TestKit
import Testing

/// The allow-list decodes to the signal that make_audio.py wrote: left 0.5 sin 440, right 0.25 sin 1000.
struct DecodingTests {
    struct Format: Sendable, CustomTestStringConvertible {
        let file: String
        let rate: Int
        let channels: Int
        let container: AudioContainer
        let encoding: AudioEncoding
        /// Largest deviation of a sample: half a quantisation step for PCM, the coding loss for the others.
        let tolerance: Float

        init(
            _ file: String, _ rate: Int, _ channels: Int, _ container: AudioContainer, _ encoding: AudioEncoding,
            within tolerance: Float
        ) {
            self.file = file
            self.rate = rate
            self.channels = channels
            self.container = container
            self.encoding = encoding
            self.tolerance = tolerance
        }
        var testDescription: String { file }
    }

    static let formats: [Format] = [
        Format("pcm8.wav", 8000, 1, .wav, .pcm8, within: 0.009),
        Format("pcm16.wav", 16000, 2, .wav, .pcm16, within: 3.1e-5),
        Format("pcm24.wav", 8000, 2, .wav, .pcm24, within: 2e-7),
        Format("pcm32.wav", 8000, 1, .wav, .pcm32, within: 1e-7),
        Format("float32.wav", 8000, 2, .wav, .float32, within: 1e-7),
        Format("float64.wav", 8000, 1, .wav, .float64, within: 1e-7),
        Format("mulaw.wav", 8000, 1, .wav, .muLaw, within: 0.02),
        Format("alaw.wav", 8000, 2, .wav, .aLaw, within: 0.02),
        Format("extensible.wav", 8000, 2, .wav, .pcm24, within: 2e-7),
        Format("long.rf64", 8000, 1, .rf64, .pcm16, within: 3.1e-5),
        Format("pcm16.w64", 8000, 1, .w64, .pcm16, within: 3.1e-5),
        Format("pcm16.aiff", 8000, 1, .aiff, .pcm16, within: 3.1e-5),
        Format("pcm16.au", 8000, 1, .au, .pcm16, within: 3.1e-5),
        Format("pcm16.caf", 8000, 1, .caf, .pcm16, within: 3.1e-5),
        Format("flac16.flac", 44100, 2, .flac, .flac, within: 3.1e-5),
        Format("flac24.flac", 8000, 1, .flac, .flac, within: 2e-7),
        Format("vorbis.ogg", 22050, 2, .ogg, .vorbis, within: 0.05),
        Format("opus.ogg", 48000, 1, .ogg, .opus, within: 0.1),
        Format("mp3.mp3", 44100, 1, .mp3, .mp3, within: 0.1),
        Format("mp3-low.mp3", 16000, 2, .mp3, .mp3, within: 0.1),
    ]

    @Test(arguments: formats)
    func `a recording decodes to what was written`(_ format: Format) throws {
        let path = "\(Recordings.folder)/\(format.file)"
        let sound = try SoundFile(path: path)
        #expect(sound.header.container == format.container)
        #expect(sound.header.encoding == format.encoding)
        #expect(sound.expectedFrames == format.rate / 2)

        guard case .decoded(let frames, let rate, let channels, let samples) = try Outcome(path: path) else {
            Issue.record("\(format.file) is refused")
            return
        }
        #expect((frames, rate, channels) == (format.rate / 2, format.rate, format.channels))
        #expect(samples.count == frames * channels)
        var worst: Float = 0
        // libsndfile's Opus encoder does not write its look-ahead out: the file itself lacks the signal's last 7 ms.
        for frame in 0..<(format.encoding == .opus ? frames - rate / 50 : frames) {
            let time = 2 * Double.pi * Double(frame) / Double(rate)
            let expected = [Float(0.5 * sin(440 * time)), Float(0.25 * sin(1000 * time))]
            for channel in 0..<channels {
                worst = max(worst, abs(samples[frame * channels + channel] - expected[channel]))
            }
        }
        #expect(worst <= format.tolerance)
    }

    @Test(arguments: formats)
    func `the block size does not matter`(_ format: Format) throws {
        let bytes = try Recordings.bytes(format.file)
        #expect(try Outcome(of: bytes, blockFrames: 333) == Outcome(of: bytes, blockFrames: 65_536))
    }

    @Test func `floats beyond full scale, and those that are not finite, are passed on`() throws {
        var bytes = try Recordings.bytes("float32.wav")
        let values: [Float] = [2.5, .infinity, -.infinity, .nan]
        for (index, value) in values.enumerated() {
            let pattern = value.bitPattern
            for byte in 0..<4 { bytes[bytes.count - 16 + 4 * index + byte] = UInt8(pattern >> (8 * byte) & 0xFF) }
        }
        guard case .decoded(_, _, _, let samples) = try Outcome(of: bytes) else {
            Issue.record("the file is refused")
            return
        }
        #expect(samples.suffix(4).prefix(3).elementsEqual([2.5, .infinity, -.infinity]))
        #expect(samples.last?.isNaN == true)
    }

    @Test func `a missing file is the machine's fault`() throws {
        #expect(
            performing: { _ = try SoundFile(path: "/nonexistent/a.wav") },
            throws: { error in
                if case SoundFileError.failed(let fault) = error { fault.kind == .missing } else { false }
            })
    }

    @Test func `only regular files are opened`() throws {
        let scratch = try ScratchFolder()
        let path = scratch["fifo"]
        #expect(mkfifo(path, 0o600) == 0)
        #expect(
            performing: { _ = try SoundFile(path: path) },
            throws: { error in
                if case SoundFileError.failed(let fault) = error { fault.kind == .damaged } else { false }
            })
    }
}
