internal import BatchFormat
internal import Digests
internal import Fault
internal import JSON
internal import Time

/// Finds the parts of fetch whose raw objects have expired.
struct RawObjects {
    /// A part to be released.
    struct Candidate {
        let part: PartReader
        let paths: [String]
    }

    private let stages: [StageStock]
    private let age: Double
    private let now: Double

    /// - Parameter age: objects younger than this, in seconds, stay.
    init(_ stages: [StageStock], olderThan age: Double, now: Double) {
        (self.stages, self.age, self.now) = (stages, age, now)
    }

    /// The parts of a version whose raw objects are old enough and have been used.
    ///
    /// Used means: every stage of the batch that reads this one has made its accepted version from this very part.
    /// Recordings from which nothing has been made yet stay, however old.
    func candidates(in version: VersionReader) throws(Fault) -> [Candidate] {
        let stage = version.seal.identity.stage
        let readers = stages.filter { $0.inputStages.contains(stage) }
        var used: [Set<Digest>] = []
        for reader in readers { used.append(try inputs(of: reader)) }
        guard !used.isEmpty else { return [] }
        var candidates: [Candidate] = []
        for index in version.seal.parts.indices {
            // Finding damaged parts or records is up to verify.
            guard let part = try? version.part(index), isOld(part), used.allSatisfy({ $0.contains(part.seal.digest) })
            else { continue }
            let record: ReleasedObjects?
            do throws(Fault) { record = try part.released() } catch { continue }
            let paths = part.seal.rawObjects.map { "\(part.folder)/\($0.name)" }
            // An interrupted release is completed: its record exists, with some of the objects.
            let rest = record == nil ? paths : paths.filter { FileTime.modified($0) != nil }
            if !rest.isEmpty { candidates.append(Candidate(part: part, paths: rest)) }
        }
        return candidates
    }

    private func isOld(_ part: PartReader) -> Bool {
        guard let came = part.seal.run.startedAt.flatMap(Moment.init) else { return false }
        return now - came.secondsSince1970 >= age
    }

    /// The digests of the parts that a stage's accepted version was made from.
    private func inputs(of stage: StageStock) throws(Fault) -> Set<Digest> {
        guard let current = stage.folder.current(), let version = stage.version(current)?.reader else { return [] }
        var inputs: Set<Digest> = []
        for index in version.seal.parts.indices {
            if let part = try? version.part(index) { inputs.insert(part.seal.input) }
        }
        return inputs
    }
}
