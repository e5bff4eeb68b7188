import JSON

/// `[stream]`: how stages that run at once wait for each other.
public struct StreamConfig: Sendable, Equatable {
    /// How long a follower waits for a run of the stage before to begin, in seconds.
    public var followWait: Double
    /// How many parts a stage may be ahead of the slowest stage that follows it.
    public var maxPartsAhead: Int
    /// Whether raw objects are released once every stage that reads them has sealed what it made of them.
    public var consume: Bool
    /// How many bytes of raw objects may wait to be consumed; `nil` for no limit.
    public var diskBudget: Int?

    /// What holds where no pipeline says otherwise.
    public init(followWait: Double = 60, maxPartsAhead: Int = 8, consume: Bool = false, diskBudget: Int? = nil) {
        self.followWait = followWait
        self.maxPartsAhead = maxPartsAhead
        self.consume = consume
        self.diskBudget = diskBudget
    }

    /// Takes the values of a section that was validated.
    init(_ values: JSONObject) {
        self.init()
        if let wait = values["follow_wait"]?.double { followWait = wait }
        if let ahead = values["max_parts_ahead"]?.int { maxPartsAhead = ahead }
        if let consume = values["consume"]?.bool { self.consume = consume }
        diskBudget = values["disk_budget"]?.int
    }
}
