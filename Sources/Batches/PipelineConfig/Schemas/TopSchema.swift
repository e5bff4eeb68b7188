import TOMLText

extension SectionSchema {
    /// The keys outside any section.
    package static let top = SectionSchema([
        KeySchema("format", .int(1...1), required: true, "The format of this file: 1"),
        KeySchema("description", .text(.anyOrEmpty), "What the pipeline is for, shown in listings"),
    ])
}
