internal import BatchFormat
internal import Durable
internal import Fault
internal import JSON
internal import PipelineConfig

/// How much audio a version is based on.
enum AudioLength {
    /// Seconds of audio in the cleaned version that a version is, or was made from; `nil` if there is none, or if it
    /// can no longer be read.
    static func seconds(behind version: VersionReader, tool: StageTool) -> Double? {
        if tool == .clean { return seconds(ofCleaned: version) }
        guard tool == .featurize || tool == .infer, let input = version.seal.inputs.first,
            let above = StageTool(rawValue: input.stage) ?? kind(of: input, beside: version),
            let read = try? VersionReader(input.folder(beside: version.path))
        else { return nil }
        return seconds(behind: read, tool: above)
    }

    private static func kind(of input: InputReference, beside version: VersionReader) -> StageTool? {
        (try? VersionReader(input.folder(beside: version.path))).flatMap { StageTool(rawValue: $0.seal.identity.tool) }
    }

    /// Computed from the sizes of the sealed tensor files minus their headers: float32 samples at the pipeline's rate.
    /// The ledgers contain the same, but are a hundred times as much to read.
    private static func seconds(ofCleaned version: VersionReader) -> Double? {
        guard let rate = version.seal.identity.config["sample_rate"]?.double, rate > 0 else { return nil }
        var bytes = 0
        for part in version.seal.parts {
            let folder = "\(version.path)/\(part.name)"
            guard let seal = try? PartSeal(reading: "\(folder)/\(PartFolder.sealName)") else { return nil }
            guard let file = seal.file(TensorNames.audio) else { continue }
            guard let header = try? headerBytes(of: "\(folder)/\(file.name)") else { return nil }
            bytes += max(0, file.bytes - header)
        }
        return Double(bytes) / 4 / rate
    }

    /// A safetensors file starts with its header's length: eight bytes, little-endian.
    private static func headerBytes(of path: String) throws(Fault) -> Int {
        let file = try FileHandle.reading(path)
        var length = [UInt8](repeating: 0, count: 8)
        let count = try length.withUnsafeMutableBytesTyped { (raw) throws(Fault) in try file.read(into: raw) }
        guard count == 8 else { throw Fault(.damaged, "'\(path)' is shorter than a header") }
        let size = length.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard size < 1 << 40 else { throw Fault(.damaged, "'\(path)' has a header of \(size) bytes") }
        return Int(size) + 8
    }
}
