public import Fault

/// Converts a mono signal from one sample rate to another, block by block.
///
/// `n` samples in give exactly `round(n · out / in)` samples out (halves up), in step with the input: the filter's
/// delay is removed, and the signal counts as silent before its first and after its last sample. The output does not
/// depend on how the input is cut into blocks. A resampler serves one thread.
public struct Resampler: ~Copyable {
    private let engine: Engine
    private let inputRate: Int
    private let outputRate: Int
    private var scratch = [Float](repeating: 0, count: 16_384)
    private var taken = 0
    private var given = 0

    /// Makes a resampler between two rates in Hz; equal rates pass samples through unchanged.
    public init(_ mode: ResamplingMode, from inputRate: Int, to outputRate: Int) throws(Fault) {
        engine = try Engine(mode, from: inputRate, to: outputRate)
        self.inputRate = inputRate
        self.outputRate = outputRate
    }

    /// Whether two rates in Hz are within a factor of 256 of each other, which every mode supports.
    public static func canResample(from inputRate: Int, to outputRate: Int) -> Bool {
        inputRate > 0 && outputRate > 0 && max(inputRate, outputRate) / min(inputRate, outputRate) < 256
    }

    /// The number of output samples for `count` input samples.
    public func outputCount(for count: Int) -> Int {
        let (whole, rest) = count.quotientAndRemainder(dividingBy: inputRate)
        return whole * outputRate + (2 * rest * outputRate + inputRate) / (2 * inputRate)
    }

    /// Resamples the next samples; appends the result to `output`.
    public mutating func process(
        _ input: UnsafeBufferPointer<Float>, appendingTo output: inout [Float]
    ) throws(Fault) {
        taken += input.count
        let before = output.count
        switch engine {
        case .none: output.append(contentsOf: input)
        case .soxr(let stream): try stream.process(input, through: &scratch, &output)
        case .samplerate(let stream): try stream.process(input, isLast: false, through: &scratch, &output)
        }
        given += output.count - before
    }

    /// Ends the input; appends the rest, cut or padded with silence to the exact length.
    public mutating func finish(appendingTo output: inout [Float]) throws(Fault) {
        let before = output.count
        switch engine {
        case .none: break
        case .soxr(let stream): try stream.finish(through: &scratch, &output)
        case .samplerate(let stream):
            try stream.process(UnsafeBufferPointer(start: nil, count: 0), isLast: true, through: &scratch, &output)
        }
        given += output.count - before
        // The engines round the last sample differently, but the length is guaranteed.
        let missing = outputCount(for: taken) - given
        if missing > 0 { output.append(contentsOf: repeatElement(0, count: missing)) }
        if missing < 0 { output.removeLast(min(-missing, output.count)) }
        given += missing
    }
}

/// The library that does the work.
private enum Engine: ~Copyable {
    case none
    case soxr(SoxrStream)
    case samplerate(SamplerateStream)

    init(_ mode: ResamplingMode, from inputRate: Int, to outputRate: Int) throws(Fault) {
        guard Resampler.canResample(from: inputRate, to: outputRate) else {
            throw Fault(.configuration, "cannot resample from \(inputRate) Hz to \(outputRate) Hz")
        }
        if inputRate == outputRate {
            self = .none
            return
        }
        switch mode {
        case .soxrHQ, .soxrVHQ: self = .soxr(try SoxrStream(mode, from: inputRate, to: outputRate))
        case .samplerateBest, .samplerateMedium, .samplerateFastest:
            self = .samplerate(try SamplerateStream(mode, from: inputRate, to: outputRate))
        }
    }
}
