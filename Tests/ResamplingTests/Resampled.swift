import Resampling

/// Resamples a whole signal, cut into blocks as a decoder would hand it over.
func resampled(
    _ signal: [Float], _ mode: ResamplingMode, from inputRate: Int, to outputRate: Int, block: Int = 4096
) throws -> [Float] {
    var resampler = try Resampler(mode, from: inputRate, to: outputRate)
    var output: [Float] = []
    for start in stride(from: 0, to: signal.count, by: block) {
        let part = Array(signal[start..<min(start + block, signal.count)])
        try part.withUnsafeBufferPointer { try resampler.process($0, appendingTo: &output) }
    }
    try resampler.finish(appendingTo: &output)
    return output
}
