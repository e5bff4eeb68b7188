import TOMLText

extension SectionSchema {
    /// `[gc]`: what `batches gc` leaves in place.
    package static let retention = SectionSchema([
        KeySchema(
            "keep", .int(1...1_000_000), default: 2,
            "How many sealed versions of each stage `batches gc` keeps, the newest first, beside those that are in use"),
        KeySchema(
            "raw", .duration(0...3_155_760_000),
            "How long raw objects are kept after they came, such as \"90 d\"; left out, for ever"),
        KeySchema(
            "unsealed", .duration(0...3_155_760_000), default: "1 d",
            "How long the newest version of a stage is kept for a run to go on with, when its own has died"),
    ])
}
