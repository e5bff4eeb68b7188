public import JSON

/// How many batches were made smaller than planned because memory was short, and the smallest of them.
///
/// Recorded in the `run` object of the part's seal, outside every digest: which batches fit depends on the machine, and
/// cutting changes a score by 1e-5 at most.
public struct MemoryCuts: Sendable, Equatable {
    /// A batch that went through the model in pieces.
    public struct Cut: Sendable, Equatable {
        /// The number of items planned for the batch.
        public let items: Int
        /// The largest number of items in a piece, after the last cut.
        public let most: Int

        /// The factor by which it was cut.
        fileprivate var factor: Double { Double(items) / Double(max(1, most)) }
    }

    /// Batches that were cut.
    public private(set) var count = 0
    /// The batch that was cut most, relative to its planned size.
    public private(set) var largest: Cut?

    /// No cuts.
    public init() {}

    /// Counts a cut.
    public mutating func note(_ items: Int, to most: Int) {
        add(MemoryCuts(count: 1, largest: Cut(items: items, most: most)))
    }

    /// Adds the cuts of another part.
    public mutating func add(_ others: MemoryCuts) {
        count += others.count
        guard let other = others.largest, other.factor > largest?.factor ?? 0 else { return }
        largest = other
    }

    private init(count: Int, largest: Cut?) {
        self.count = count
        self.largest = largest
    }

    /// Reads the cuts from a seal's `run`, or any other object that ``write(to:)`` wrote to; no cuts if it has none.
    public init(_ object: JSONObject) {
        count = object[Self.countName]?.int ?? 0
        let cut = object[Self.largestName]
        if let items = cut?["items"]?.int, let most = cut?["most"]?.int { largest = Cut(items: items, most: most) }
    }

    /// Writes the cuts, if there are any.
    public func write(to object: inout JSONObject) {
        guard count > 0, let largest else { return }
        object[Self.countName] = .int(Int64(count))
        object[Self.largestName] = ["items": .int(Int64(largest.items)), "most": .int(Int64(largest.most))]
    }

    private static let countName = "memory_cuts"
    private static let largestName = "largest_memory_cut"
}

extension VersionReader {
    /// The cuts of all parts whose seals can be read. Only `infer` makes batches.
    public var memoryCuts: MemoryCuts {
        var cuts = MemoryCuts()
        guard seal.identity.tool == "infer" else { return cuts }
        for index in seal.parts.indices {
            if let part = try? part(index) { cuts.add(part.seal.run.memoryCuts) }
        }
        return cuts
    }
}
