internal import BatchFormat
internal import Fault
internal import JSON
internal import Signal
internal import StageRun
internal import Workers

/// Makes a part of features from a part of clean's audio.
struct FeaturePartMaker: PartMaking {
    static let tensorFile = "features.safetensors"

    let stage: String
    let definition: FeatureDefinition
    let workers: FeatureWorkers
    let normalization: Normalization
    /// The batch-wide mean and spread, if those are asked for.
    let global: Normalizer?

    func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault) {
        let rows = try part.items()
        try writer.ensureTensorFile(Self.tensorFile)
        guard !rows.isEmpty else { return }
        let audio = try part.audio()
        let (workers, normalization, global) = (workers, normalization, global)
        try Workers.orderedMap(
            count: rows.count, jobs: context.jobs, window: 4 * context.jobs,
            work: { (index, worker) throws(Fault) -> ItemFeatures in
                let features = workers.features(of: try audio.samples(of: rows[index].id), worker: worker)
                return features.normalized(normalization, global)
            },
            consume: { (index, features) throws(Fault) in
                try context.checkStop()
                try settle(rows[index], features, in: writer)
                context.advance()
            })
    }

    private func settle(_ row: LedgerRow, _ features: ItemFeatures, in writer: PartWriter) throws(Fault) {
        switch features {
        case .made(let values, let frames, let bins):
            var row = row
            let isWaveform = definition.isWaveform
            row.object[stage] = .object(ledger(frames: frames, bins: bins))
            let result: Result<Void, Fault> = values.withUnsafeBufferPointer { floats in
                do throws(Fault) {
                    try writer.append(
                        row, tensor: Self.tensorFile, shape: isWaveform ? [frames] : [frames, bins], floats: floats)
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            try result.get()
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
        return ["frames": .int(Int64(frames)), "bins": .int(Int64(bins)), "sample_rate": rate]
    }
}

extension ItemFeatures {
    fileprivate func normalized(_ normalization: Normalization, _ global: Normalizer?) -> ItemFeatures {
        guard case .made(var values, let frames, let bins) = self else { return self }
        switch normalization {
        case .none: return self
        case .item: Normalizer.normalizeItem(&values, bins: bins)
        case .global: global?.apply(to: &values)
        }
        return .made(values, frames: frames, bins: bins)
    }
}
