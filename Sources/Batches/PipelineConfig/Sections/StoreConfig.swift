/// `[store]`: where results are stored. The receipt contains the address, so the address changes bytes.
public struct StoreConfig: StageSettings {
    package static let tool = StageTool.store

    @Key(.tool(.store))
    private var runner: StageTool

    @Key(.input(of: .store))
    package var input: [String]

    @Key(
        "url", .text(.database), default: "sqlite:data/nocturne.db", changesBytes: true,
        "The database: `sqlite:PATH` or `postgresql://…`, without a password; `NOCTURNE_DATABASE_URL` overrides it")
    package var url: String

    // The counts depend on it, so changing it loads again.
    @Key(
        "group_by", .texts(.any), default: ["device", "site"], changesBytes: true,
        "The fields by whose values results and audio quality are counted separately, for the dashboard")
    package var groupBy: [String]

    @Key(
        "retry_for", .duration(0...86_400), default: 60,
        "How long a PostgreSQL server that is unavailable, restarting or read-only is tried again")
    package var retryFor: Double

    @Key(.minItems(default: 0))
    package var minItems: Int

    @Key(.maxRejectRatio)
    package var maxRejectRatio: Double

    @Key(.followWait)
    package var followWait: Double?

    package init() {}
}
