public import BatchFormat
public import Fault
public import JSON
internal import PipelineConfig
internal import Removal

/// What determines a result's bytes besides its input; it is part of the key of every part.
public struct BearingFacts: Sendable {
    /// The result-bearing configuration, and other facts that determine the result but are not in the configuration,
    /// such as the digest of a statistics file.
    public var config: JSONObject
    /// Name, version and digest of the model, if there is one.
    public var model: JSON

    /// Makes facts from a configuration and a model.
    public init(_ config: JSONObject, model: JSON = .null) {
        self.config = config
        self.model = model
    }
}

/// A stage whose part k is made from part k of its input: clean, featurize, infer.
public protocol DerivedStage: Stage {
    /// The type that makes the stage's parts.
    associatedtype Maker: DerivedPartMaker

    /// What determines the bytes of the result; by default the configuration's result-bearing keys.
    func bearing() throws(Fault) -> BearingFacts
    /// Prepares to make parts from an input. Called only if there is something to make.
    func prepare(_ input: StageInput, _ context: RunContext) throws(Fault) -> Maker
}

/// Makes a part from one part of the input and nothing else.
public protocol DerivedPartMaker {
    /// Settles every item of the input part, in order.
    func make(_ part: PartReader, into writer: PartWriter, context: RunContext) throws(Fault)
}

extension DerivedStage {
    /// The configuration's result-bearing keys.
    public func bearing() throws(Fault) -> BearingFacts { BearingFacts(config.resultBearing) }

    /// Plans a part for each part of the input, which may still be growing.
    public func plan(_ request: StageRequest, _ context: RunContext) throws(Fault) -> DerivedWork<Self> {
        let identity = try identity(bearing(), for: request)
        let upstream = try request.address.stage(config.inputs[0])
        let followed =
            try request.streaming.follow
            ? Upstream.follow(upstream, request: request, context: context)
            : .sealed(Upstream.resolve(config.inputs[0], request: request))
        let work: DerivedWork<Self>
        switch followed {
        case .sealed(let version):
            let plan = VersionPlan(
                identity: identity, effectiveConfig: config.effective, inputs: [version.reference],
                parts: version.seal.parts.map { PlannedPart(name: $0.name, input: $0.digest, items: $0.items) },
                gates: Gates(config))
            work = DerivedWork(self, plan, reading: version, request, context)
        case .growing(let number):
            let feed = try UpstreamFeed(number, of: upstream, for: config.stage, request: request)
            let plan = VersionPlan(
                growing: identity, effectiveConfig: config.effective, gates: Gates(config),
                follows: "\(upstream.stage)/v\(number)")
            work = DerivedWork(self, plan, following: feed, request, context)
        }
        try Upstream.check(work.input, isFor: Self.tool)
        return work
    }
}

/// The work of a stage whose parts follow from those of its input.
public struct DerivedWork<S: DerivedStage>: StageWork {
    /// What is to be made.
    public let plan: VersionPlan
    /// The run that is writing the input, if it is still running.
    public let growth: (any PlanGrowing)?
    let input: StageInput
    private let stage: S
    private let parts: any InputParts
    private let request: StageRequest
    private let context: RunContext

    init(
        _ stage: S, _ plan: VersionPlan, reading version: VersionReader, _ request: StageRequest, _ context: RunContext
    ) {
        (self.stage, self.plan, self.request, self.context) = (stage, plan, request, context)
        (input, parts, growth) = (StageInput(version), version, nil)
    }

    init(
        _ stage: S, _ plan: VersionPlan, following feed: UpstreamFeed, _ request: StageRequest, _ context: RunContext
    ) {
        (self.stage, self.plan, self.request, self.context) = (stage, plan, request, context)
        (input, parts, growth) = (feed.input, feed, feed)
    }

    /// Prepares the stage's own maker.
    public func prepare() throws(Fault) -> InputPartMaker<S.Maker> {
        InputPartMaker(
            try stage.prepare(input, context), reading: InputAhead(parts), selection: request.parts, context: context)
    }

    /// Releases the raw objects that no stage needs any more.
    public func finish(_ outcome: StageOutcome) throws(Fault) {
        guard outcome.status == .current else { return }
        let folder = try request.address.stage(stage.config.inputs[0])
        try ConsumedObjects.releaseRest(
            of: folder, below: request.address.root,
            readers: request.consumers(of: folder.stage, madeBy: input.identity.tool), by: plan.identity,
            record: request.releaseRecord())
    }
}

/// Makes each part from the corresponding part of the input.
public struct InputPartMaker<Maker: DerivedPartMaker>: PartMaker {
    private let maker: Maker
    private let input: InputAhead
    private let selection: PartSelection
    private let context: RunContext

    init(_ maker: Maker, reading input: InputAhead, selection: PartSelection, context: RunContext) {
        (self.maker, self.input, self.selection, self.context) = (maker, input, selection, context)
    }

    /// Makes part `index`.
    public func make(_ index: Int, in version: String) throws(Fault) -> MadePart {
        let part = try input.part(index, nextIn: selection)
        let writer = try PartWriter(version: version, name: part.name, incoming: part.items().map(\.id))
        try maker.make(part, into: writer, context: context)
        return .folder(writer)
    }
}
