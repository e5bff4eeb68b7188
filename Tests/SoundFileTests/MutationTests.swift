import SoundFile
import TestKit
import Testing

/// Damaged bytes anywhere: no crash, no hang, and the same verdict twice.
struct MutationTests {
    static let files = DecodingTests.formats.map(\.file) + ["ima-adpcm.wav", "matlab4.mat", "gsm.wav"]

    @Test(arguments: files)
    func `mutated files get the same verdict twice`(_ name: String) throws {
        let original = try Recordings.bytes(name)
        var random = SeededGenerator(seed: 20_261_120)
        for round in 0..<60 {
            var bytes = original
            // Half of the damage goes where the headers are.
            let reach = round % 2 == 0 ? min(120, bytes.count) : bytes.count
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<reach, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let first = try Outcome(of: bytes)
            #expect("\(try Outcome(of: bytes))" == "\(first)", "round \(round)")
            if case .decoded(let frames, _, let channels, let samples) = first {
                #expect(samples.count == frames * channels)
            }
        }
    }

    @Test(arguments: ["flac16.flac", "flac24.flac", "vorbis.ogg", "opus.ogg"])
    func `checksums find damage in the audio`(_ name: String) throws {
        let original = try Recordings.bytes(name)
        var random = SeededGenerator(seed: 7)
        // After the FLAC metadata (where padding does not matter), and anywhere in Ogg.
        let start = name.hasSuffix("flac") ? original.count / 2 : 4
        for _ in 0..<50 {
            var bytes = original
            bytes[Int.random(in: start..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            #expect(try Outcome(of: bytes).reason != nil)
        }
    }
}
