import TOMLText

extension SectionSchema {
    /// `[schedule]`: which batch a run without one means, and when a night is late.
    package static let schedule = SectionSchema([
        KeySchema(
            "due", .text(.timeOfDay), default: "06:00",
            "When a night's results have to be there; after it the night is late"),
        KeySchema(
            "timezone", .text(.timezone), default: "UTC",
            "The time zone of `due` and of the default batch, as the zone database names it (`Europe/Berlin`)"),
        KeySchema(
            "days_back", .int(0...366), default: 1,
            "How many days before today the default batch is: 1 is yesterday"),
    ])
}
