internal import CSamplerate
import Fault

/// One libsamplerate stream of one channel.
struct SamplerateStream: ~Copyable {
    private let handle: OpaquePointer
    private let ratio: Double

    init(_ mode: ResamplingMode, from inputRate: Int, to outputRate: Int) throws(Fault) {
        let ratio = Double(outputRate) / Double(inputRate)
        let kind =
            switch mode {
            case .samplerateFastest: SRC_SINC_FASTEST
            case .samplerateMedium: SRC_SINC_MEDIUM_QUALITY
            default: SRC_SINC_BEST_QUALITY
            }
        var failure: Int32 = 0
        guard let handle = src_new(Int32(kind), 1, &failure) else {
            throw Fault(.defect, "libsamplerate cannot start: \(Self.words(failure))")
        }
        self.handle = handle
        self.ratio = ratio
    }

    deinit { src_delete(handle) }

    /// Resamples samples; `isLast` drains the filter.
    func process(
        _ input: UnsafeBufferPointer<Float>, isLast: Bool, through scratch: inout [Float], _ output: inout [Float]
    ) throws(Fault) {
        // The library requires a valid pointer even for no samples.
        var nothing: Float = 0
        var used = 0
        while true {
            var made = 0
            let failure = withUnsafePointer(to: &nothing) { empty in
                scratch.withUnsafeMutableBufferPointer { room in
                    var block = SRC_DATA()
                    block.data_in = input.baseAddress.map { $0 + used } ?? empty
                    block.input_frames = input.count - used
                    block.data_out = room.baseAddress
                    block.output_frames = room.count
                    block.end_of_input = isLast ? 1 : 0
                    block.src_ratio = ratio
                    let failure = src_process(handle, &block)
                    used += block.input_frames_used
                    made = block.output_frames_gen
                    return failure
                }
            }
            guard failure == 0 else { throw Fault(.defect, "libsamplerate failed: \(Self.words(failure))") }
            output.append(contentsOf: scratch[..<made])
            if made == 0, isLast || used == input.count { return }
        }
    }

    private static func words(_ failure: Int32) -> String {
        src_strerror(failure).map { String(cString: $0) } ?? "error \(failure)"
    }
}
