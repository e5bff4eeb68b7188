internal import BatchFormat
internal import Digests
internal import Fault
internal import JSON
internal import PipelineConfig
internal import Time

/// Why versions of one batch are kept. A version without a reason may be removed.
struct KeepingReasons {
    private struct Name: Hashable {
        let stage: String
        let number: Int
    }

    private let stages: [String: StageStock]
    private var reasons: [Name: [String]] = [:]
    private var waiting: [Name] = []

    /// Finds the reasons.
    ///
    /// - Parameters:
    ///   - stages: the batch.
    ///   - busy: stages that must not be touched.
    ///   - foreign: the versions here that versions of other batches were made from, with the reader's name.
    ///   - now: seconds since 1970.
    init(
        _ stages: [StageStock], busy: Set<String>, foreign: [(reference: InputReference, reader: String)],
        retention: Retention, now: Double
    ) {
        self.stages = Dictionary(stages.map { ($0.folder.stage, $0) }) { first, _ in first }
        for stage in stages {
            for (number, links) in stage.marked { keep(stage, number, links.joined(separator: " and ")) }
            if busy.contains(stage.folder.stage) {
                for version in stage.versions { keep(stage, version.number, "a run may be using it") }
            }
            keepSealed(stage, retention, now)
            keepUnsealed(stage, retention, now)
        }
        for (reference, reader) in foreign { keepInput(reference, "read by \(reader)") }
        while let name = waiting.popLast() {
            guard let version = self.stages[name.stage]?.version(name.number) else { continue }
            for input in version.inputs { keepInput(input, "read by \(name.stage) v\(name.number)") }
        }
    }

    /// Why a version is kept, most important reason first; `nil` if it may be removed.
    func reasons(_ stage: StageStock, _ number: Int) -> [String]? {
        reasons[Name(stage: stage.folder.stage, number: number)]
    }

    private mutating func keep(_ stage: StageStock, _ number: Int, _ reason: String) {
        guard stage.version(number) != nil else { return }
        let name = Name(stage: stage.folder.stage, number: number)
        if reasons[name] == nil { waiting.append(name) }
        reasons[name, default: []].append(reason)
    }

    private mutating func keepSealed(_ stage: StageStock, _ retention: Retention, _ now: Double) {
        let readable = stage.versions.filter { $0.reader != nil }
        for version in readable.suffix(retention.keep) {
            keep(stage, version.number, retention.keep == 1 ? "the newest" : "one of the newest \(retention.keep)")
        }
        for version in stage.versions where version.isSealed && version.reader == nil {
            keep(stage, version.number, "its seal is damaged; run 'batches verify'")
        }
        if !stage.marked.values.joined().contains("current") {
            // It is unknown which version was the accepted one.
            for version in readable { keep(stage, version.number, "the stage has no current version") }
        }
        guard let raw = retention.raw else { return }
        for version in readable where version.reader?.seal.identity.tool == "fetch" {
            guard let finished = version.reader?.seal.run.finishedAt.flatMap(Moment.init)?.secondsSince1970,
                now - finished < raw
            else { continue }
            keep(stage, version.number, "its raw objects were fetched less than \(Self.days(raw)) ago")
        }
    }

    /// The next run continues a version left by a dead run, unless a newer one has been sealed since, or no run came
    /// for a long time.
    private mutating func keepUnsealed(_ stage: StageStock, _ retention: Retention, _ now: Double) {
        let newestSealed = stage.versions.last { $0.isSealed }?.number ?? 0
        for version in stage.versions where !version.isSealed && version.number > newestSealed {
            let age = now - (FileTime.modified(stage.folder.version(version.number)) ?? now)
            if age < retention.unsealed { keep(stage, version.number, "the next run can continue it") }
        }
    }

    private mutating func keepInput(_ reference: InputReference, _ reason: String) {
        guard let stage = stages[reference.stage] else { return }
        for version in stage.versions {
            // By digest, whatever its number is now. A version without a readable digest may be the one.
            let isIt =
                version.reader.map { $0.seal.digest == reference.digest } ?? ("v\(version.number)" == reference.version)
            if isIt { keep(stage, version.number, reason) }
        }
    }

    /// `30 days`, `1.5 days`.
    static func days(_ seconds: Double) -> String {
        let days = (seconds / 86400 * 10).rounded() / 10
        let number = days == days.rounded() ? String(Int(days)) : String(days)
        return number == "1" ? "1 day" : "\(number) days"
    }
}
