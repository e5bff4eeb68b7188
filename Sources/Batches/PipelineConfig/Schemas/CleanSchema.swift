import JSON
import TOMLText

extension SectionSchema {
    /// `[clean]`: what a recording has to be, and what it is made into.
    package static let clean = SectionSchema(
        CommonKeys.wiring(tool: .clean) + [
            KeySchema(
                "sample_rate", .int(1000...768_000), default: 16000, bearing: true, "The rate to resample to, in Hz"),
            KeySchema(
                "channels", .wordOrInt(["mix"], 0...1023), default: "mix", bearing: true,
                "`\"mix\"` for the mean of all channels, or the one to take, counted from 0"),
            KeySchema(
                "resampler",
                .oneOf(["soxr-hq", "soxr-vhq", "samplerate-best", "samplerate-medium", "samplerate-fastest"]),
                default: "soxr-hq", bearing: true, "The resampler and its quality"),
            KeySchema(
                "min_seconds", .number(0...86_400), default: 0.1, bearing: true,
                "A shorter recording is rejected (`too_short`)"),
            KeySchema(
                "max_seconds", .number(0...86_400), default: 60.0, bearing: true,
                "A longer recording is rejected (`too_long`), or cut"),
            // Without defaults, so that results made before there were these keys keep their keys.
            KeySchema(
                "long", .oneOf(["reject", "split"]), bearing: true,
                "What becomes of a recording longer than `max_seconds`: `\"reject\"`, as without this key, or `\"split\"`: "
                    + "cut into items of their own"),
            KeySchema(
                "split_overlap", .number(0...3600), bearing: true,
                "Seconds that two pieces in a row share, to the nearest tenth; 0 without this key"),
            KeySchema(
                "silence_dbfs", .number(-300...0), default: -60.0, bearing: true,
                "A recording whose loudest 20 ms are below is rejected (`silent`), in dBFS"),
            CommonKeys.minItems(default: 0),
            CommonKeys.maxRejectRatio,
            CommonKeys.followWait,
            KeySchema(
                "fields", .tables(.field), bearing: true,
                "The schema of an item's metadata: one table per field, by the field's name"),
        ]
    ) { values in
        guard let shortest = values["min_seconds"]?.double, let longest = values["max_seconds"]?.double else {
            return nil
        }
        if shortest > longest {
            return Contradiction(
                key: "min_seconds", message: "is \(shortest), more than max_seconds (\(longest)): nothing could pass")
        }
        let overlap = values["split_overlap"]?.double
        guard values["long"]?.string == "split" else {
            return overlap.map { _ in
                Contradiction(key: "split_overlap", message: "means nothing without long = \"split\": leave it out")
            }
        }
        if longest < 1 {
            return Contradiction(key: "max_seconds", message: "is \(longest): pieces must be allowed at least 1 second")
        }
        guard let overlap, overlap > longest / 2 else { return nil }
        return Contradiction(
            key: "split_overlap", message: "is \(overlap), more than half of max_seconds (\(longest))")
    }
}
