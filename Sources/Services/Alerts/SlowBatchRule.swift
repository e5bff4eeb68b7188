/// Finds batches that took much longer than others of their size: because of other load on the machine, a throttled
/// processor, or swapping. A pure state machine that is given batches as they run.
///
/// Batches are compared by seconds per padded frame, among those whose number of padded frames rounds down to the same
/// power of two, because small batches cost more per frame than large ones.
public struct SlowBatchRule: Sendable {
    /// A batch that took too long.
    public struct SlowBatch: Sendable, Equatable {
        /// How long it took.
        public let seconds: Double
        /// The median time of batches of its size.
        public let median: Double
        /// Its time as a multiple of the median.
        public var factor: Double { seconds / median }
    }

    private let factor: Double
    private let leastSeconds: Double
    private let leastHistory: Int
    private let window: Int
    private var history: [Int: [Double]] = [:]

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - factor: a batch slower than this multiple of the median is slow.
    ///   - leastSeconds: a batch shorter than this is never slow, because milliseconds are scheduling noise.
    ///   - leastHistory: how many batches of a size must have run before one is judged.
    ///   - window: how many of the latest batches of a size the median is taken over.
    public init(factor: Double, leastSeconds: Double, leastHistory: Int = 8, window: Int = 101) {
        self.factor = factor
        self.leastSeconds = leastSeconds
        self.leastHistory = max(1, leastHistory)
        self.window = max(1, window)
    }

    /// Judges a batch by the earlier ones, then adds it to them.
    ///
    /// - Parameters:
    ///   - frames: items × padded length.
    ///   - seconds: how long the batch took.
    public mutating func judge(frames: Int, seconds: Double) -> SlowBatch? {
        guard frames > 0, seconds.isFinite, seconds >= 0 else { return nil }
        let size = Int.bitWidth - frames.leadingZeroBitCount
        var costs = history[size, default: []]
        defer {
            costs.append(seconds / Double(frames))
            if costs.count > window { costs.removeFirst() }
            history[size] = costs
        }
        guard costs.count >= leastHistory, seconds >= leastSeconds else { return nil }
        let ordered = costs.sorted()
        let middle = ordered.count / 2
        let cost = ordered.count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
        let median = cost * Double(frames)
        guard median > 0, seconds > factor * median else { return nil }
        return SlowBatch(seconds: seconds, median: median)
    }
}
