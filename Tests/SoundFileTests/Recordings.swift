import Glibc
import SoundFile
import Testing

/// The committed recordings of Tests/Fixtures/audio, and edited copies of them in scratch files.
enum Recordings {
    static let folder = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Fixtures/audio"

    static func bytes(_ name: String) throws -> [UInt8] {
        guard let file = fopen("\(folder)/\(name)", "rb") else { throw Missing(name: name) }
        defer { fclose(file) }
        var all: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while case let got = fread(&block, 1, block.count, file), got > 0 { all += block[..<got] }
        return all
    }

    struct Missing: Error { let name: String }
}

/// The result of decoding a whole file.
enum Outcome: Equatable, CustomStringConvertible {
    case decoded(frames: Int, rate: Int, channels: Int, samples: [Float])
    case refused(String, message: String)

    /// Writes the bytes to a scratch file, decodes it to the end, and removes it.
    init(of bytes: [UInt8], blockFrames: Int = 1000) throws {
        let path = "/tmp/nocturne-soundfile-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        let file = try #require(fopen(path, "wb"))
        defer { unlink(path) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fclose(file)
        self = try Outcome(path: path, blockFrames: blockFrames)
    }

    init(path: String, blockFrames: Int = 1000) throws {
        do throws(SoundFileError) {
            var sound = try SoundFile(path: path)
            var block = [Float](repeating: 0, count: blockFrames * sound.channels)
            var samples: [Float] = []
            while true {
                var got = 0
                let count = block.count
                got = try block.withUnsafeMutableBufferPointer { buffer throws(SoundFileError) in
                    try sound.read(into: buffer)
                }
                precondition(count == block.count)
                if got == 0 { break }
                samples += block[..<(got * sound.channels)]
            }
            self = .decoded(
                frames: sound.decodedFrames, rate: sound.sampleRate, channels: sound.channels, samples: samples)
        } catch .refused(let refusal) {
            self = .refused(refusal.reason.rawValue, message: refusal.message)
        } catch .failed(let fault) {
            throw fault
        }
    }

    var reason: String? { if case .refused(let reason, _) = self { reason } else { nil } }
    var message: String? { if case .refused(_, let message) = self { message } else { nil } }

    var description: String {
        switch self {
        case .decoded(let frames, let rate, let channels, _):
            "decoded \(frames) frames, \(rate) Hz, \(channels) channels"
        case .refused(let reason, let message): "\(reason): \(message)"
        }
    }
}

/// A small reproducible generator (SplitMix64), so that every run mutates the same bytes.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
