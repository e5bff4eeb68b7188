internal import BatchFormat
internal import Digests
internal import Durable
internal import Fault

/// The version that a run of the previous stage is writing: its parts, each as soon as it is sealed.
final class UpstreamFeed: PlanGrowing, InputParts {
    /// The version.
    let input: StageInput
    private let stage: String
    private let number: Int
    private let folder: StageFolder
    private let request: StageRequest
    private let mark: PresenceFile?
    /// The digests of the seals of the parts so far.
    private var digests: [Digest] = []

    /// Follows version `number` of a stage on behalf of another.
    init(_ number: Int, of folder: StageFolder, for follower: String, request: StageRequest) throws(Fault) {
        self.number = number
        self.folder = folder
        self.request = request
        stage = folder.stage
        input = try StageInput(growing: folder.version(number))
        mark = FollowerMarks.begin(follower, of: folder)
    }

    /// The number of parts so far.
    var count: Int { digests.count }

    func place(of index: Int) -> InputPart {
        InputPart(version: input.path, name: VersionFolder.partName(index), digest: digests[index])
    }

    func step(done: Int) throws(Fault) -> PlanStep {
        mark?.say(String(done))
        if let part = try nextPart() { return .part(part) }
        if WriterMark.look(at: folder)?.state == .writing(number) { return .notYet }
        // It may have sealed a last part just before it ended.
        if let part = try nextPart() { return .part(part) }
        return .complete(inputs: [try accepted().reference])
    }

    private func nextPart() throws(Fault) -> PlannedPart? {
        let name = VersionFolder.partName(digests.count)
        guard Folders.exists("\(input.path)/\(name)/\(PartFolder.sealName)") else { return nil }
        let seal = try PartReader(version: input.path, name: name, digest: nil).seal
        digests.append(seal.digest)
        return PlannedPart(name: name, input: seal.digest, items: seal.items)
    }

    /// The version after its writer has ended: sealed, accepted, and made of the parts received.
    private func accepted() throws(Fault) -> VersionReader {
        guard folder.isSealed(number) else { throw Upstream.unsealed(input.path, by: stage) }
        let version = try Upstream.resolve(stage, request: request)
        guard version.path == input.path, version.seal.parts.map(\.digest) == digests else {
            throw Fault(
                .retryLater,
                "this run followed '\(input.path)', but the accepted version is '\(version.path)'; run this again",
                origin: .upstream(stage))
        }
        return version
    }
}
