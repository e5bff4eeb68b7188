internal import BatchFormat
public import Fault
internal import JSON
public import PipelineConfig
internal import Signal
public import StageRun
internal import Workers

extension Featurize {
    /// Fits global statistics on the stage's input and publishes them as a file for `normalize = "global"`.
    ///
    /// The same input gives the same bytes, however many workers there are. Items without features are ignored.
    public static func fitStatistics(
        _ config: StageConfig, request: StageRequest, context: RunContext, into file: String
    ) throws(Fault) {
        let input = try Upstream.resolve(config.inputs[0], request: request)
        let definition = FeatureDefinition(
            try config.settings(), sampleRate: try sampleRate(of: StageInput(input)))
        let featurizers = try FeaturizerPool(
            definition, threads: context.jobs, blockFloats: Featurizer.blockFloats)
        var total = FeatureStatistics(bins: featurizers.bins)
        var items = 0
        context.expect(input.seal.items)
        for index in input.seal.parts.indices where request.parts.contains(index) {
            let part = try input.part(index)
            let rows = try part.items()
            guard !rows.isEmpty else { continue }
            let audio = try part.audio()
            try Workers.orderedMap(
                count: rows.count, jobs: context.jobs, window: 4 * context.jobs,
                work: { (index, worker) throws(Fault) -> FeatureStatistics in
                    let clip = try ClipSamples(of: rows[index].id, in: audio)
                    return featurizers.use(worker) { featurizer in
                        guard case .made(let features) = featurizer.examine(clip) else {
                            return FeatureStatistics(bins: featurizer.bins)
                        }
                        return featurizer.statistics(of: features, clip)
                    }
                },
                consume: { (_, piece) throws(Fault) in
                    try context.checkStop()
                    total.merge(piece)
                    items += piece.frames > 0 ? 1 : 0
                    context.advance()
                })
        }
        guard total.frames > 0 else {
            throw Fault(.missing, "'\(input.path)' has no items with features to fit statistics on")
        }
        try GlobalStatistics.write(
            total, of: definition.settings(config), items: items, fittedOn: input.reference, to: file)
        context.events.record(StatisticsFitted(file, items: items, frames: total.frames, bins: total.bins))
    }
}
