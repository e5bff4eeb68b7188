/// Every kind of event, and the page that documents them.
public enum EventCatalog {
    /// The kinds, by the tool that records them; those of every stage first.
    public static let sections: [(title: String, kinds: [EventKind])] = [
        (
            "All stages",
            [
                EventKind(RunStarted.self), EventKind(PartSealed.self), EventKind(PartDamaged.self),
                EventKind(VersionSealed.self), EventKind(VersionDamaged.self), EventKind(GateFailed.self),
                EventKind(CurrentSwitched.self), EventKind(Explained.self), EventKind(ItemRejected.self),
                EventKind(RunFailed.self), EventKind(ToolFailed.self), EventKind(AlertRaised.self),
            ]
        ),
        (
            "fetch",
            [
                EventKind(ObjectsListed.self), EventKind(ListedTwice.self),
                EventKind(MirrorPassedOver.self),
                EventKind(NoticeKept.self), EventKind(ObjectChanged.self), EventKind(MetadataJoined.self),
                EventKind(MetadataUnmatched.self), EventKind(MetadataRowUnusable.self),
            ]
        ),
        (
            "clean",
            [
                EventKind(DecoderDied.self), EventKind(DecoderLate.self), EventKind(MixAvoided.self),
                EventKind(TruncatedKept.self),
            ]
        ),
        ("featurize", [EventKind(StatisticsFitted.self)]),
        (
            "infer",
            [
                EventKind(ModelLoaded.self), EventKind(BatchRan.self), EventKind(BatchCut.self),
                EventKind(BatchHalved.self), EventKind(FootprintsNotKept.self), EventKind(MemorySoft.self),
                EventKind(MemoryHard.self),
            ]
        ),
        (
            "store",
            [
                EventKind(BatchLoaded.self), EventKind(FieldNotCounted.self),
                EventKind(ItemUnstorable.self),
            ]
        ),
    ]

    /// The tables of `docs/events.md`, as Markdown.
    public static func markdown() -> String {
        sections.map { section in
            let rows = section.kinds.map { kind in
                let figures = kind.figures.map { "`\($0)`" }.joined(separator: ", ")
                return "| `\(kind.name)` | \(kind.level.rawValue) | \(kind.meaning) | \(figures) |"
            }
            return
                "## \(section.title)\n\n| event | level | when | figures |\n| --- | --- | --- | --- |\n"
                + rows.joined(separator: "\n") + "\n"
        }
        .joined(separator: "\n")
    }
}

/// The name, level and figures of a kind of event.
public struct EventKind: Sendable {
    /// The event's fixed name.
    public let name: String
    /// How much it matters.
    public let level: EventLevel
    /// When it happens.
    public let meaning: String
    /// The names of its figures, in their order.
    public let figures: [String]

    init<Event: RunEvent>(_ type: Event.Type) {
        name = type.name
        level = type.level
        meaning = type.meaning
        figures = type.figures.map(\.name)
    }
}
