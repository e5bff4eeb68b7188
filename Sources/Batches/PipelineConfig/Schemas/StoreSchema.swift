import TOMLText

extension SectionSchema {
    /// `[store]`: where results land. The receipt says where, so the address is result-bearing.
    package static let store = SectionSchema(
        CommonKeys.wiring(tool: .store) + [
            KeySchema(
                "url", .text(.database), default: "sqlite:data/nocturne.db", bearing: true,
                "The database: `sqlite:PATH` or `postgresql://…`, without a password; `NOCTURNE_DATABASE_URL` overrides it"
            ),
            // What is counted depends on it, so a change of it loads again.
            KeySchema(
                "group_by", .texts(.any), default: .array(["device", "site"]), bearing: true,
                "The fields by whose values results and audio quality are counted apart, for the dashboard"),
            CommonKeys.minItems(default: 0),
            CommonKeys.maxRejectRatio,
            CommonKeys.followWait,
        ])
}
