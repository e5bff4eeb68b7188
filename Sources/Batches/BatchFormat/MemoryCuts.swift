public import JSON

/// How many batches want of memory made smaller than they were planned, and by how much at most.
///
/// It stands in the `run` object of the part's seal, outside every digest: which batches fit depends on the machine, and
/// moves a score by 1e-5 at most.
public struct MemoryCuts: Sendable, Equatable {
    /// A batch that went through the model in pieces.
    public struct Cut: Sendable, Equatable {
        /// Items that were to go together.
        public let items: Int
        /// Items in its smallest pieces, at most.
        public let most: Int

        /// Into how many it was cut, as a share.
        fileprivate var factor: Double { Double(items) / Double(max(1, most)) }
    }

    /// Batches that were cut.
    public private(set) var count = 0
    /// The one that was made smallest, measured by what it was to be.
    public private(set) var largest: Cut?

    /// No cut.
    public init() {}

    /// Counts a cut.
    public mutating func note(_ items: Int, to most: Int) {
        add(MemoryCuts(count: 1, largest: Cut(items: items, most: most)))
    }

    /// Adds those of another part.
    public mutating func add(_ others: MemoryCuts) {
        count += others.count
        guard let other = others.largest, other.factor > largest?.factor ?? 0 else { return }
        largest = other
    }

    private init(count: Int, largest: Cut?) {
        self.count = count
        self.largest = largest
    }

    /// Takes them off a seal's `run`, or what else ``write(to:)`` wrote to; none where it does not tell of any.
    public init(_ object: JSONObject) {
        count = object[Self.countName]?.int ?? 0
        let cut = object[Self.largestName]
        if let items = cut?["items"]?.int, let most = cut?["most"]?.int { largest = Cut(items: items, most: most) }
    }

    /// Writes them down, if there are any.
    public func write(to object: inout JSONObject) {
        guard count > 0, let largest else { return }
        object[Self.countName] = .int(Int64(count))
        object[Self.largestName] = ["items": .int(Int64(largest.items)), "most": .int(Int64(largest.most))]
    }

    private static let countName = "memory_cuts"
    private static let largestName = "largest_memory_cut"
}

extension VersionReader {
    /// Those of all parts whose seals can be read. No other tool than `infer` makes batches.
    public var memoryCuts: MemoryCuts {
        var cuts = MemoryCuts()
        guard seal.identity.tool == "infer" else { return cuts }
        for index in seal.parts.indices {
            if let part = try? part(index) { cuts.add(MemoryCuts(part.seal.run)) }
        }
        return cuts
    }
}
