public import BatchFormat
public import Fault
public import JSON
public import PipelineConfig

/// What tells one tool's stages from another's.
public struct StageDefinition: Sendable {
    /// The tool: `clean`.
    public let tool: String
    /// The tool's behaviour revision: raise it whenever the same input and configuration give other bytes.
    public let revision: Int

    /// Describes a tool.
    public init(tool: String, revision: Int) {
        self.tool = tool
        self.revision = revision
    }
}

/// Makes a part from one part of the input and nothing else.
public protocol PartMaking {
    /// Settles every item of the input part, in order.
    func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault)
}

/// A stage whose part k follows from part k of its input: clean, featurize, infer.
public struct DerivedStage {
    private let definition: StageDefinition
    private let config: StageConfig
    private let request: StageRequest
    private let context: RunContext

    /// Prepares a run.
    public init(_ definition: StageDefinition, config: StageConfig, request: StageRequest, context: RunContext) {
        self.definition = definition
        self.config = config
        self.request = request
        self.context = context
    }

    /// Runs the stage.
    ///
    /// - Parameters:
    ///   - model: name, version and digest of the model, where there is one; it enters every key.
    ///   - extra: further things that decide the result but stand outside the configuration, such as the digest of a
    ///     statistics file; they enter every key.
    ///   - maker: makes the stage's maker from the input version, and is called only if there is something to make.
    public func run<Maker: PartMaking>(
        model: JSON = .null, extra: JSONObject = [:], maker: (StageInput) throws(Fault) -> Maker
    ) throws(Fault) -> StageOutcome {
        var bearing = config.resultBearing
        for (name, value) in extra.members { bearing[name] = value }
        let identity = VersionIdentity(
            pipeline: request.pipeline, batch: request.batch, stage: config.stage, tool: definition.tool,
            revision: definition.revision, config: bearing, model: model)
        let folder = try folder(of: config.stage)
        if request.streaming.follow {
            // The lock first: those who follow this stage see then that a run of it has begun.
            let run = try VersionRun(folder: folder, request: request, context: context)
            let upstream = try self.folder(of: config.inputs[0])
            switch try Upstream.follow(upstream, request: request, context: context) {
            case .sealed(let input): return try carryOut(plan(identity, from: input), of: input, by: run, maker)
            case .growing(let number):
                let feed = try UpstreamFeed(number, of: upstream, for: config.stage, request: request)
                let plan = VersionPlan(
                    growing: identity, effectiveConfig: config.effective, gates: Gates(config),
                    follows: "\(upstream.stage)/v\(number)")
                return try carryOut(
                    plan, growth: feed, of: feed.input, by: run, InputAhead(feed.opening), known: { feed.count }, maker)
            }
        }
        let input = try Upstream.resolve(config.inputs[0], request: request)
        let plan = plan(identity, from: input)
        if request.why || request.dryRun {
            for line in try Explanation.lines(of: plan, in: folder) { context.events.record("why", line) }
        }
        if request.dryRun { return try Explanation.dryRun(of: plan, in: folder) }
        let run = try VersionRun(folder: folder, request: request, context: context)
        return try carryOut(plan, of: input, by: run, maker)
    }

    private func folder(of stage: String) throws(Fault) -> StageFolder {
        try StageFolder(root: request.root, pipeline: request.pipeline, batch: request.batch, stage: stage)
    }

    private func plan(_ identity: VersionIdentity, from input: VersionReader) -> VersionPlan {
        VersionPlan(
            identity: identity, effectiveConfig: config.effective, inputs: [input.reference],
            parts: input.seal.parts.map { PlannedPart(name: $0.name, input: $0.digest, items: $0.items) },
            gates: Gates(config))
    }

    private func carryOut<Maker: PartMaking>(
        _ plan: VersionPlan, of input: VersionReader, by run: VersionRun,
        _ maker: (StageInput) throws(Fault) -> Maker
    ) throws(Fault) -> StageOutcome {
        let parts = InputAhead { index in { () throws(Fault) in try input.part(index) } }
        return try carryOut(
            plan, growth: nil, of: StageInput(input), by: run, parts, known: { plan.parts.count }, maker)
    }

    /// - Parameter known: how many parts of the input there are by now.
    private func carryOut<Maker: PartMaking>(
        _ plan: VersionPlan, growth: (any PlanGrowing)?, of input: StageInput, by run: VersionRun,
        _ parts: InputAhead, known: () -> Int, _ maker: (StageInput) throws(Fault) -> Maker
    ) throws(Fault) -> StageOutcome {
        try Upstream.check(input, isFor: config.kind)
        var made: Maker?
        let outcome = try run.execute(plan, growth: growth) { () throws(Fault) in
            made = try maker(input)
        } make: { (index, version) throws(Fault) in
            let next = (index + 1..<max(index + 1, known())).first { request.parts.contains($0) }
            let part = try parts.part(index, next: next)
            let writer = try PartWriter(version: version, name: part.name, incoming: part.items().map(\.id))
            try made?.make(part, into: writer, context: context)
            return writer
        }
        if outcome.status == .current {
            try ConsumedObjects.releaseRest(
                of: input, in: folder(of: config.inputs[0]), by: plan.identity, request)
        }
        return outcome
    }
}
