public import BatchFormat
public import Fault
public import JSON

/// A version and everything it was made from, back to the source.
public struct Lineage: Sendable {
    /// One version on the path.
    public struct Step: Sendable {
        /// The reference to it in the version made from it.
        public let reference: InputReference
        /// Its seal; `nil` if it no longer exists.
        public let seal: VersionSeal?
        /// Whether the existing version is the one that was read.
        public let isSame: Bool
    }

    /// The versions, nearest first, each listed once.
    public let steps: [Step]

    /// Follows a version's inputs.
    ///
    /// - Parameter root: where to look for the inputs.
    public init(of version: VersionReader, root: String) throws(Fault) {
        var steps: [Step] = []
        var waiting = version.seal.inputs
        var seen: Set<String> = []
        while !waiting.isEmpty {
            let reference = waiting.removeFirst()
            let folder = reference.folder(under: root)
            guard seen.insert(folder).inserted else { continue }
            let seal = try? VersionReader(folder).seal
            steps.append(Step(reference: reference, seal: seal, isSame: seal?.digest == reference.digest))
            waiting += seal?.inputs ?? []
        }
        self.steps = steps
    }

    /// The lineage in the form of `--json`.
    public var json: JSON {
        .array(
            steps.map { step in
                guard case .object(var object) = step.reference.json else { return .null }
                object["present"] = .bool(step.seal != nil)
                object["same"] = .bool(step.isSame)
                if let seal = step.seal {
                    object["items"] = .int(Int64(seal.items))
                    object["rejected"] = .int(Int64(seal.rejected))
                }
                return .object(object)
            })
    }
}
