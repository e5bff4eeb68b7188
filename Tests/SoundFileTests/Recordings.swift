import SoundFile
import TestKit
import Testing

/// The committed recordings of Tests/Fixtures/audio, and edited copies of them in scratch files.
enum Recordings {
    static let folder = Checkout.fixture("audio")

    static func bytes(_ name: String) throws -> [UInt8] { try Checkout.read("Tests/Fixtures/audio/\(name)") }
}

/// The result of decoding a whole file.
enum Outcome: Equatable, CustomStringConvertible {
    case decoded(frames: Int, rate: Int, channels: Int, samples: [Float])
    case refused(String, message: String)

    /// Decodes the bytes to the end.
    init(of bytes: [UInt8], blockFrames: Int = 1000, keepingTruncated: Bool = false) throws {
        let scratch = try ScratchFolder()
        self = try Outcome(
            path: scratch.write("sound", bytes), blockFrames: blockFrames, keepingTruncated: keepingTruncated)
    }

    init(path: String, blockFrames: Int = 1000, keepingTruncated: Bool = false) throws {
        do throws(SoundFileError) {
            var sound = try SoundFile(path: path, keepingTruncated: keepingTruncated)
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

    var samples: [Float] { if case .decoded(_, _, _, let samples) = self { samples } else { [] } }
    var frames: Int? { if case .decoded(let frames, _, _, _) = self { frames } else { nil } }
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
