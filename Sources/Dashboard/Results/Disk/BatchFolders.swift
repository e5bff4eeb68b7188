public import Fault

/// The batches below `--root`, for what the database does not hold: sound, ledgers, versions.
///
/// Every file's digest is checked before its content is shown. The calls that block run on threads of their own.
public final class BatchFolders: Sendable {
    /// Where the batches are.
    public let root: String

    /// Names a root.
    ///
    /// - Parameter threads: how many questions are answered at a time.
    public init(root: String, threads: Int = 2) { self.root = root }

    /// `/item/waveform`: the smallest and the largest sample in each of `points` equal spans of an item's sound, as JSON.
    /// Throws `.missing` if there is no such item or sound.
    public func waveform(pipeline: String, batch: String, item: String, points: Int = 800) async throws(Fault) -> [UInt8] {
        []
    }

    /// `/item/spectrogram`: a coarse log-mel spectrogram of an item's sound in dB, as JSON: `values[frame][band]`.
    public func spectrogram(
        pipeline: String, batch: String, item: String, frames: Int = 200, bands: Int = 64
    ) async throws(Fault) -> [UInt8] { [] }

    /// `/item/audio`: an item's sound as a WAV file of 16-bit samples.
    public func audio(pipeline: String, batch: String, item: String) async throws(Fault) -> [UInt8] { [] }

    /// `/versions`: every version of a batch's stages, as JSON.
    public func versions(pipeline: String, batch: String) async throws(Fault) -> [UInt8] { [] }

    /// `/diff`: what differs between two versions of a stage, as JSON.
    public func difference(
        pipeline: String, batch: String, stage: String, from a: String, to b: String
    ) async throws(Fault) -> [UInt8] { [] }

    /// Ends the threads.
    public func close() {}
}
