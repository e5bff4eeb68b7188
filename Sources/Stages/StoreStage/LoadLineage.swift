internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault
internal import JSON
internal import StageRun

/// The versions of a load: those whose predictions are loaded, and everything they were made from.
struct LoadLineage {
    /// The versions whose items become predictions, in the order of the configuration.
    let results: [VersionReader]
    /// Every version, including the results, each after what it was made from.
    private(set) var versions: [VersionReader] = []

    /// Follows the results back to the source, checking each version's digest.
    init(of results: [VersionReader]) throws(Fault) {
        self.results = results
        for result in results { try visit(result) }
    }

    private mutating func visit(_ version: VersionReader) throws(Fault) {
        let stage = version.seal.identity.stage
        if let known = versions.first(where: { $0.seal.identity.stage == stage }) {
            guard known.seal.digest == version.seal.digest else {
                throw Fault(
                    .missing,
                    "\(results.map { "'\($0.path)'" }.joined(separator: " and ")) are based on different versions of "
                        + "'\(stage)' ('\(known.path)' and '\(version.path)'); run the stages in between again")
            }
            return
        }
        for input in version.seal.inputs { try visit(Self.open(input, of: version)) }
        versions.append(version)
    }

    /// The version that a seal names as its input, in the same batch's folder.
    private static func open(_ input: InputReference, of version: VersionReader) throws(Fault) -> VersionReader {
        let found = try VersionReader(input.folder(beside: version.path))
        guard found.seal.digest == input.digest else {
            throw Fault(
                .damaged, "'\(found.path)' is not the version that '\(version.path)' was made from: its digest differs")
        }
        return found
    }

    /// What a version was made from, nearest last, without itself.
    func behind(_ version: VersionReader) -> [VersionReader] {
        var found: [VersionReader] = []
        for input in version.seal.inputs {
            guard let read = versions.first(where: { $0.seal.identity.stage == input.stage }) else { continue }
            found += behind(read) + [read]
        }
        return found
    }

    /// Bytes of what a version was made from; `nil` for one made from outside.
    func bytesIn(_ version: VersionReader) -> Int? {
        if version.seal.inputs.isEmpty { return nil }
        return version.seal.inputs.reduce(0) { sum, input in
            sum + (versions.first { $0.seal.identity.stage == input.stage }?.seal.bytes ?? 0)
        }
    }

    /// Distinguishes a load from any other.
    var digest: Digest { Digest(of: JSON.array(results.map(\.reference.json)).bytes(.canonical)) }

    /// What the database's receipts must say when all of this is loaded.
    var stages: [StageVersion] {
        versions.map {
            StageVersion(stage: $0.seal.identity.stage, version: $0.name, digest: $0.seal.digest.hex)
        }
    }
}
