internal import BatchFormat
internal import Digests
public import Fault
internal import JSON
public import PipelineConfig
internal import Signal
public import StageRun
internal import Workers

/// The featurize stage: clean's audio into what a model is shown.
///
/// It reads `audio.safetensors` and writes `features.safetensors`, one float32 [frames, bins] for each item ([samples] for
/// `waveform`), and adds `{"frames": …, "bins": …, "sample_rate": …}` (`{"samples": …, "sample_rate": …}`) to the ledger
/// under the stage's name. Reason codes: `too_short` for a clip without a whole frame, `not_finite` for features beyond
/// single precision.
public enum Featurize {
    /// Raise the revision whenever the same audio and configuration give other bytes.
    private static let definition = StageDefinition(tool: "featurize", revision: 1)

    /// Runs the stage.
    public static func run(
        _ config: StageConfig, request: StageRequest, context: RunContext
    ) throws(Fault) -> StageOutcome {
        try run(config, request: request, context: context, blockFloats: Featurizer.blockFloats)
    }

    /// Runs the stage with blocks of another size, which touches memory and time, and nothing else.
    package static func run(
        _ config: StageConfig, request: StageRequest, context: RunContext, blockFloats: Int
    ) throws(Fault) -> StageOutcome {
        let normalization = try normalization(config)
        var extra: JSONObject = [:]
        var statistics: GlobalStatistics?
        if normalization == .global {
            let read = try GlobalStatistics(reading: config.string("statistics"))
            extra["statistics_sha256"] = .string(read.digest.hex)
            statistics = read
        }
        let stage = DerivedStage(definition, config: config, request: request, context: context)
        return try stage.run(extra: extra) { (input) throws(Fault) -> FeaturePartMaker in
            let definition = FeatureDefinition(config, sampleRate: try sampleRate(of: input))
            let featurizers = try FeaturizerPool(definition, threads: context.jobs + 1, blockFloats: blockFloats)
            return FeaturePartMaker(
                stage: config.stage, definition: definition, featurizers: featurizers, normalization: normalization,
                global: try statistics?.normalizer(for: definition.settings(config), bins: featurizers.bins))
        }
    }

    /// Fits global statistics on the stage's input and publishes them as a file for `normalize = "global"`.
    ///
    /// The same input gives the same bytes, however many workers there are. Items that have no features count for nothing.
    public static func fitStatistics(
        _ config: StageConfig, request: StageRequest, context: RunContext, into file: String
    ) throws(Fault) {
        let input = try Upstream.resolve(config.inputs[0], request: request)
        let definition = FeatureDefinition(config, sampleRate: try sampleRate(of: StageInput(input)))
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
            throw Fault(.missing, "'\(input.path)' holds no item with features: there is nothing to fit statistics on")
        }
        try GlobalStatistics.write(
            total, of: definition.settings(config), items: items, fittedOn: input.reference, to: file)
        context.events.record(
            "statistics_fitted", "'\(file)': \(items) items, \(total.frames) frames, \(total.bins) bins",
            ["file": .string(file), "items": .int(Int64(items)), "frames": .int(Int64(total.frames))])
    }

    private static func normalization(_ config: StageConfig) throws(Fault) -> Normalization {
        let name = config.string("normalize")
        guard let normalization = Normalization(rawValue: name) else {
            throw Fault(
                .configuration, "\(config.stage).normalize = \"\(name)\" is not known: set none, item or global")
        }
        return normalization
    }

    /// The rate at which clean left its audio.
    private static func sampleRate(of input: StageInput) throws(Fault) -> Int {
        let identity = input.identity
        guard identity.tool == "clean" else {
            throw Fault(.usage, "featurize reads what clean writes, but '\(input.path)' was made by \(identity.tool)")
        }
        guard let rate = identity.config["sample_rate"]?.int else {
            throw Fault(.damaged, "the record of '\(input.path)' does not say at which sample rate its audio is")
        }
        return rate
    }
}
