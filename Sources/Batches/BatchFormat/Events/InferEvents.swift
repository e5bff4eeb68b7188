// RunEvent says what the members are that every event has.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

public import JSON

/// The model is loaded, warmed up, and has given its known answer.
public struct ModelLoaded: RunEvent {
    public static let name = "model_loaded"
    public static let meaning =
        "The model is loaded, warmed up, and has given its known answer. Its figures are the engine's: `model`, `device`, "
        + "`threads`, `torch`, `precision`, `seconds`, `resident_memory_bytes`, and `padding`: whether it was proved on an item that "
        + "padding does not change results."
    public static let figures: [Figure<Self>] = []
    public var message = ""
    public var details = JSONObject()

    public init() {}

    /// The model and the engine's own figures.
    public init(_ model: String, on place: String, figures: JSONObject) {
        message = "\(model) on \(place)"
        details = figures
    }
}

/// A batch went through the model.
public struct BatchRan: RunEvent {
    public static let name = "batch"
    public static let level = EventLevel.debug
    public static let meaning = "A batch went through the model."
    public static let figures: [Figure<Self>] = [
        Figure("part", \.part), Figure("items", \.items), Figure("length", \.length), Figure("seconds", \.seconds),
        Figure("padding_share", \.paddingShare), Figure("audio_seconds", \.audioSeconds),
        Figure("real_time_factor", \.realTimeFactor), Figure("resident_memory_bytes", \.residentMemoryBytes),
        Figure("failed", \.failed), Figure("success_rate", \.successRate),
    ]
    public var message = ""
    /// The part.
    public private(set) var part = ""
    /// Items in the batch.
    public private(set) var items = 0
    /// What each was padded to.
    public private(set) var length = 0
    /// Computing time.
    public private(set) var seconds = 0.0
    /// The share of padding.
    public private(set) var paddingShare: Double?
    /// How much sound it stands for.
    public private(set) var audioSeconds: Double?
    /// Computing time over the time that the sound lasts: below 1 is faster than real time.
    public private(set) var realTimeFactor: Double?
    /// Resident memory of the process afterwards.
    public private(set) var residentMemoryBytes: Int?
    /// Items without a result.
    public private(set) var failed: Int?
    /// The share of items with a result.
    public private(set) var successRate: Double?

    public init() {}

    /// A batch.
    ///
    /// - Parameters:
    ///   - used: the frames or samples of all items, without padding.
    ///   - audioSeconds: how much sound they stand for, if that is known.
    public init(
        part: String, items: Int, length: Int, used: Int, failed: Int, seconds: Double, audioSeconds: Double?,
        residentBytes: Int
    ) {
        self.part = part
        self.items = items
        self.length = length
        self.seconds = seconds.rounded(decimals: 6)
        paddingShare = (1 - Double(used) / Double(items * length)).rounded(decimals: 4)
        if let audioSeconds, audioSeconds > 0 {
            self.audioSeconds = audioSeconds.rounded(decimals: 3)
            realTimeFactor = (seconds / audioSeconds).rounded(decimals: 6)
        }
        residentMemoryBytes = residentBytes
        self.failed = failed
        successRate = (1 - Double(failed) / Double(items)).rounded(decimals: 4)
    }
}

/// A batch is cut because memory is short.
public struct BatchCut: RunEvent {
    public static let name = "batch_cut"
    public static let meaning = "A batch is cut because memory is short."
    public static let figures: [Figure<Self>] = [
        Figure("items", \.items), Figure("length", \.length), Figure("most", \.most),
    ]
    public var message = ""
    /// Items in the batch.
    public private(set) var items = 0
    /// What each is padded to.
    public private(set) var length = 0
    /// How many go through the model at a time.
    public private(set) var most = 0

    public init() {}

    /// A batch and what fits.
    public init(items: Int, length: Int, most: Int) {
        self.items = items
        self.length = length
        self.most = most
        message = "\(items) items, padded to \(length), go \(most) at a time: memory"
    }
}

/// A batch did not fit into memory, and is halved.
public struct BatchHalved: RunEvent {
    public static let name = "batch_halved"
    public static let level = EventLevel.warning
    public static let meaning = "A batch did not fit into memory, and is halved."
    public static let figures: [Figure<Self>] = [
        Figure("items", \.items), Figure("length", \.length), Figure("reason", \.reason),
    ]
    public var message = ""
    /// Items in the batch.
    public private(set) var items = 0
    /// What each is padded to.
    public private(set) var length = 0
    /// What the engine said.
    public private(set) var reason = ""

    public init() {}

    /// A batch that did not fit.
    public init(items: Int, length: Int, reason: String) {
        self.items = items
        self.length = length
        self.reason = reason
        message = "\(items) items, padded to \(length), did not fit into memory; halved"
    }
}

/// What batches take cannot be remembered for the next run.
public struct FootprintsNotKept: RunEvent {
    public static let name = "footprints_not_kept"
    public static let level = EventLevel.debug
    public static let meaning = "What batches take cannot be remembered for the next run."
    public static let figures: [Figure<Self>] = []
    public var message = ""

    public init() {}

    /// Says so.
    public init(_ message: String) {
        self.message = message
    }
}

/// The soft limit of memory is reached, so batches are halved.
public struct MemorySoft: RunEvent {
    public static let name = "memory_soft"
    public static let level = EventLevel.warning
    public static let meaning = "The soft limit of memory is reached, so batches are halved."
    public static let figures: [Figure<Self>] = [
        Figure("used_bytes", \.usedBytes), Figure("limit_bytes", \.limitBytes),
    ]
    public var message = ""
    /// Bytes in use.
    public private(set) var usedBytes = 0
    /// Bytes that may be in use.
    public private(set) var limitBytes = 0

    public init() {}

    /// The use, and what is known of the need.
    public init(_ use: String, need: String, usedBytes: Int, limitBytes: Int) {
        self.usedBytes = usedBytes
        self.limitBytes = limitBytes
        message = "\(use): batches are halved\(need)"
    }
}

/// The hard limit of memory is reached, so the run ends.
public struct MemoryHard: RunEvent {
    public static let name = "memory_hard"
    public static let level = EventLevel.warning
    public static let meaning = "The hard limit of memory is reached, so the run ends."
    public static let figures: [Figure<Self>] = [
        Figure("used_bytes", \.usedBytes), Figure("limit_bytes", \.limitBytes),
    ]
    public var message = ""
    /// Bytes in use.
    public private(set) var usedBytes = 0
    /// Bytes that may be in use.
    public private(set) var limitBytes = 0

    public init() {}

    /// The use.
    public init(_ use: String, usedBytes: Int, limitBytes: Int) {
        self.usedBytes = usedBytes
        self.limitBytes = limitBytes
        message = "\(use): the run ends"
    }
}
