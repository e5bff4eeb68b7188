internal import CSoxr
import Fault

/// One libsoxr stream of one channel.
struct SoxrStream: ~Copyable {
    private let handle: soxr_t

    init(_ mode: ResamplingMode, from inputRate: Int, to outputRate: Int) throws(Fault) {
        let recipe = mode == .soxrVHQ ? SOXR_28_BITQ : SOXR_20_BITQ
        var quality = soxr_quality_spec(UInt(recipe), 0)
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        // One thread: items are processed in parallel instead.
        var runtime = soxr_runtime_spec(1)
        var failure: soxr_error_t?
        guard
            let handle = soxr_create(
                Double(inputRate), Double(outputRate), 1, &failure, &format, &quality, &runtime)
        else {
            let reason = failure.map { String(cString: $0) } ?? "no reason given"
            throw Fault(.defect, "libsoxr cannot go from \(inputRate) Hz to \(outputRate) Hz: \(reason)")
        }
        self.handle = handle
    }

    deinit { soxr_delete(handle) }

    func process(_ input: UnsafeBufferPointer<Float>, through scratch: inout [Float], _ output: inout [Float])
        throws(Fault)
    {
        var rest = UnsafeBufferPointer(rebasing: input[...])
        while !rest.isEmpty {
            var (used, made) = (0, 0)
            let failure = scratch.withUnsafeMutableBufferPointer { room in
                soxr_process(handle, rest.baseAddress, rest.count, &used, room.baseAddress, room.count, &made)
            }
            try Self.check(failure)
            output.append(contentsOf: scratch[..<made])
            rest = UnsafeBufferPointer(rebasing: rest[used...])
        }
    }

    func finish(through scratch: inout [Float], _ output: inout [Float]) throws(Fault) {
        var made = 0
        repeat {
            let failure = scratch.withUnsafeMutableBufferPointer { room in
                soxr_process(handle, nil, 0, nil, room.baseAddress, room.count, &made)
            }
            try Self.check(failure)
            output.append(contentsOf: scratch[..<made])
        } while made > 0
    }

    private static func check(_ failure: soxr_error_t?) throws(Fault) {
        if let failure { throw Fault(.defect, "libsoxr failed: \(String(cString: failure))") }
    }
}
