import JSON
import TOMLText

extension SectionSchema {
    /// `[stream]`: how stages that run at once wait for each other.
    package static let stream = SectionSchema(
        [
            KeySchema(
                "follow_wait", .duration(0...86_400), default: "60 s",
                "How long `--follow` waits for a run of the stage before to begin, before it takes the current version"),
            KeySchema(
                "max_parts_ahead", .int(1...1_000_000), default: 8,
                "How many parts a stage may be ahead of the slowest stage that follows it"),
            KeySchema(
                "consume", .bool, default: false,
                "Whether `fetch` releases raw objects as soon as every stage that reads them has sealed what it made of them"
            ),
            KeySchema(
                "disk_budget", .byteSize(1...(1 << 50)),
                "How many bytes of raw objects may wait to be consumed; `fetch` waits for room, and `nightly` runs as `stream` does. "
                    + "Needs `consume`"),
        ],
        check: { values in
            guard values["disk_budget"] != nil, values["consume"]?.bool != true else { return nil }
            return Contradiction(key: "disk_budget", message: "needs consume = true: nothing makes room without it")
        })
}
