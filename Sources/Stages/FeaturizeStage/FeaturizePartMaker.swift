public import BatchFormat
public import Fault
internal import JSON
internal import Signal
public import StageRun
internal import Workers

/// Makes a part of features from a part of clean's audio.
public struct FeaturizePartMaker: DerivedPartMaker {

    let stage: String
    let definition: FeatureDefinition
    /// One for each job, and an additional one for the thread that writes.
    let featurizers: FeaturizerPool
    let normalization: Normalization
    /// The batch-wide mean and standard deviation, if requested.
    let global: Normalizer?

    /// Settles every item of a part of clean's audio, in order.
    public func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault) {
        let rows = try part.items()
        try writer.ensureTensorFile(TensorNames.features)
        guard !rows.isEmpty else { return }
        let audio = try part.audio()
        let (featurizers, normalization, global) = (featurizers, normalization, global)
        try Workers.orderedMap(
            count: rows.count, jobs: context.jobs, window: 4 * context.jobs,
            work: { (index, worker) throws(Fault) -> ItemFeatures in
                let clip = try ClipSamples(of: rows[index].id, in: audio)
                return featurizers.use(worker) { featurizer in
                    let item = featurizer.examine(clip)
                    guard case .made(var features) = item else { return item }
                    switch normalization {
                    case .none: break
                    case .item: features.normalize(by: Normalizer(featurizer.statistics(of: features, clip)))
                    case .global: if let global { features.normalize(by: global) }
                    }
                    return .made(features)
                }
            },
            consume: { (index, features) throws(Fault) in
                try context.checkStop()
                try settle(rows[index], features, of: audio, in: writer, context)
                context.advance()
            })
    }

    private func settle(
        _ row: LedgerRow, _ features: ItemFeatures, of audio: TensorFile, in writer: PartWriter, _ context: RunContext
    ) throws(Fault) {
        switch features {
        case .made(let features):
            var row = row
            row.object[stage] = .object(ledger(frames: features.frames, bins: features.bins))
            let clip = try ClipSamples(of: row.id, in: audio)
            try featurizers.use(context.jobs) { (featurizer) throws(Fault) in
                try featurizer.forEachBlock(of: features, clip) { (block) throws(Fault) in
                    // Check for cancellation within long recordings.
                    try context.checkStop()
                    try block.withUnsafeBufferPointer { (floats) throws(Fault) in
                        try writer.extendTensor(TensorNames.features, floats: floats)
                    }
                }
            }
            let shape = definition.isWaveform ? [features.frames] : [features.frames, features.bins]
            try writer.append(row, tensor: TensorNames.features, shape: shape)
        case .tooShort(let samples):
            let seconds = (Double(samples) / Double(definition.sampleRate)).rounded(decimals: 4)
            try writer.reject(
                row.id, reason: "too_short", message: "\(samples) samples (\(seconds) s) do not hold a single frame")
        case .notFinite(let frame):
            try writer.reject(
                row.id, reason: "not_finite", message: "frame \(frame) of its features is infinite or not a number")
        }
    }

    private func ledger(frames: Int, bins: Int) -> JSONObject {
        let rate = JSON.int(Int64(definition.sampleRate))
        if definition.isWaveform { return ["samples": .int(Int64(frames)), "sample_rate": rate] }
        return [LedgerKeys.frames: .int(Int64(frames)), LedgerKeys.bins: .int(Int64(bins)), "sample_rate": rate]
    }
}
