import TOMLText

extension SectionSchema {
    /// `[store]`: where results land. The receipt says where, so the address is result-bearing.
    package static let store = SectionSchema(
        CommonKeys.wiring(tool: .store) + [
            KeySchema(
                "url", .text(.database), default: "sqlite:data/nocturne.db", bearing: true,
                "The database: `sqlite:PATH` or `postgresql://…`, without a password; `NOCTURNE_DATABASE_URL` overrides it"
            ),
            CommonKeys.minItems(default: 0),
            CommonKeys.maxRejectRatio,
            CommonKeys.followWait,
        ])
}
