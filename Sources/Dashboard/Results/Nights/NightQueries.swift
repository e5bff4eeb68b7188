public import Fault
internal import JSON
internal import PipelineConfig
internal import Time

/// `/pipelines`: the state of each pipeline.
public struct PipelinesQuery: ResultsQuery {
    /// Lateness depends on the time.
    public static let dependsOnTime = true
    /// The moment, in seconds since 1970.
    public var now: Double

    /// Makes a query for the state of each pipeline at a moment.
    public init(now: Double) { self.now = now }

    /// `{"now", "pipelines": […]}`.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let pipelines: [JSON] = try reader.snapshot { () throws(Fault) in
            let nights = try Nights(reader, now: now)
            var pipelines: [JSON] = []
            for pipeline in nights.pipelines { pipelines.append(try json(pipeline, nights, reader)) }
            return pipelines
        }
        let answer: JSON = ["now": .string(Self.text(now)), "pipelines": .array(pipelines)]
        return answer.bytes(.compact)
    }

    private func json(_ pipeline: PipelineRecord, _ nights: Nights, _ reader: Reader) throws(Fault) -> JSON {
        let expected = pipeline.schedule.map { BatchID(pipeline: pipeline.name, batch: $0.newestDueBatch(now: now)) }
        let (latest, shown) = (try nights.newest(of: pipeline), try nights.newestStored(of: pipeline))
        // Without a schedule, the newest batch is the awaited one.
        let awaited = expected ?? latest
        let isStored = try awaited.map { (batch) throws(Fault) in try nights.isStored(batch) } ?? false
        let found = try nights.nights([latest, shown, awaited].compactMap { $0 })
        let state = PipelineState(
            latest: latest.flatMap { found[$0] }, shown: shown.flatMap { found[$0] },
            awaited: awaited.flatMap { found[$0] }, isStored: isStored, isScheduled: expected != nil, now: now)
        return [
            "pipeline": .string(pipeline.name), "description": JSON(pipeline.description),
            "due": JSON(pipeline.schedule?.dueText), "timezone": JSON(pipeline.schedule?.timezone),
            "expected_batch": JSON(expected?.batch),
            "next_due": JSON(pipeline.schedule?.nextDue(after: now).map(Self.text)),
            "state": .string(state.colour.rawValue), "reasons": .array(state.reasons.map { .string($0) }),
            "latest": latest.flatMap { found[$0]?.json } ?? .null,
            "shown": shown.flatMap { found[$0]?.json } ?? .null, "is_current": .bool(state.isCurrent),
        ]
    }

    private static func text(_ moment: Double) -> String { Moment(secondsSince1970: moment).text(decimals: 0) }
}

/// `/batches`: batches with the state of every stage, newest first, including nights that never began.
public struct BatchesQuery: ResultsQuery {
    /// Which nights should have begun depends on the time.
    public static let dependsOnTime = true
    /// The batches; its stage is ignored.
    public var range: BatchRange
    /// The page.
    public var page: Page
    /// The moment, in seconds since 1970.
    public var now: Double

    /// Makes a query for batches.
    public init(_ range: BatchRange = BatchRange(), page: Page = Page(), now: Double) {
        self.range = range
        self.page = page
        self.now = now
    }

    /// `{"batches": […], "next"}`.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let limit = try page.checkedLimit()
        var after: BatchID?
        if let cursor = page.cursor {
            let values = try Cursor.values(cursor, count: 2)
            guard let pipeline = values[0].string, let batch = values[1].string else { throw Cursor.wrong }
            after = BatchID(pipeline: pipeline, batch: batch)
        }
        let answer: JSON = try reader.snapshot { () throws(Fault) in
            let nights = try Nights(reader, now: now)
            let all = try nights.list(range).filter { batch in after.map { $0.comesBefore(batch) } ?? true }
            let wanted = Array(all.prefix(limit))
            let found = try nights.nights(wanted)
            let last = wanted.last.map { Cursor.text([.string($0.pipeline), .string($0.batch)]) }
            return [
                "batches": .array(wanted.compactMap { found[$0]?.json }),
                "next": JSON(all.count > limit ? last : nil),
            ]
        }
        return answer.bytes(.compact)
    }
}

/// `/batches/{pipeline}/{batch}`; throws `.missing` if there is no such batch and none was due.
public struct BatchQuery: ResultsQuery {
    /// Whether a night that never began was due depends on the time.
    public static let dependsOnTime = true
    /// The pipeline.
    public var pipeline: String
    /// The batch.
    public var batch: String
    /// The moment, in seconds since 1970.
    public var now: Double

    /// Makes a query for one batch.
    public init(pipeline: String, batch: String, now: Double) {
        self.pipeline = pipeline
        self.batch = batch
        self.now = now
    }

    /// The batch in the form of ``BatchesQuery``.
    public func body(_ reader: Reader) throws(Fault) -> [UInt8] {
        let answer: JSON? = try reader.snapshot { () throws(Fault) in
            let nights = try Nights(reader, now: now)
            let found = try nights.list(BatchRange(pipeline, batch))
            return try nights.nights(found).values.first?.json
        }
        guard let answer else { throw Fault(.missing, "there is no batch '\(batch)' of '\(pipeline)'") }
        return answer.bytes(.compact)
    }
}
