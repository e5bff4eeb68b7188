/// `[fetch]`: where recordings come from.
///
/// Where and how recordings are fetched changes no bytes: the listing, with the fields joined to it, is the stage's
/// input and part of the parts' keys. What is made of a listed item does.
public struct FetchConfig: StageSettings {
    package static let tool = StageTool.fetch

    @Key("tool", .word(among: [.fetch]), default: .fetch, "The tool that runs the stage")
    private var runner: StageTool

    @Key(
        "source", .texts(.source), required: [],
        "Where recordings are: `s3://BUCKET/PREFIX`, an index at `https://…/index.jsonl`, `file://…` or a path; "
            + "`{batch}` stands for the batch, and several are mirrors, tried in order")
    package var source: [String]

    @Key("endpoint", .text(.web), "The URL of an S3-compatible store; AWS by default")
    package var endpoint: String?

    @Key("region", .text(.any), "The region to sign for; by default the environment's or the profile's")
    package var region: String?

    /// Where a URL names the bucket.
    package enum Addressing: String, ConfigWord { case auto, path, virtual }

    @Key(
        "addressing", .word(), default: .auto,
        "Whether a bucket's name is in the path or in the host; `auto` is the path if there is an endpoint")
    package var addressing: Addressing

    @Key(
        "include", .texts(.glob), example: #"["*.wav", "*.flac"]"#,
        "Globs of keys to fetch; `*` also matches `/`; every key by default")
    package var include: [String]

    @Key("exclude", .texts(.glob), "Globs of keys to skip")
    package var exclude: [String]

    @Key(
        "id_pattern", .text(.patternWithNames), changesBytes: true, example: #""^(?<device>[^/]+)/""#,
        "A regular expression over an item's id whose named groups become fields")
    package var idPattern: String?

    @Key("part_items", .int(1...1_000_000), default: 256, "A part is cut at this many items")
    package var partItems: Int

    @Key("part_bytes", .byteSize(1 ... .max), default: 256 << 20, "A part is cut at this many bytes")
    package var partBytes: Int

    @Key(
        "part_wait", .duration(0...86_400), default: 60,
        "When watching, a part is cut this long after its first item")
    package var partWait: Double

    @Key("watch_interval", .duration(1...86_400), default: 30, "When watching, the source is listed this often")
    package var watchInterval: Double

    @Key(
        "queue", .text(.web),
        "When watching, an SQS queue with the notifications of an S3 source, which is then listed only first and last")
    package var queue: String?

    @Key("transfers", .int(1...1024), default: 32, "How many transfers are in flight at once")
    package var transfers: Int

    @Key(
        "range_bytes", .byteSize(65_536 ... .max), default: 16 << 20,
        "The size of the ranges in which larger objects are downloaded")
    package var rangeBytes: Int

    @Key(
        "max_object_bytes", .byteSize(1 ... .max), default: 4 << 30, changesBytes: true,
        "A larger object is rejected (`too_large`), not transferred")
    package var maxObjectBytes: Int

    @Key("attempts", .int(1...100), default: 8, "How many times a request is tried")
    package var attempts: Int

    @Key(
        "retry_for", .duration(0...86_400), default: 300,
        "After this long without progress a request is not retried")
    package var retryFor: Double

    @Key("connect_timeout", .duration(1...3600), default: 10, "How long connecting may take")
    package var connectTimeout: Double

    @Key(
        "stall_timeout", .duration(1...3600), default: 30,
        "A transfer that receives next to nothing for this long is tried again")
    package var stallTimeout: Double

    @Key(
        "restore", .bool, default: false,
        "Whether a restore is requested of objects that are archived; they are fetched by a run after it")
    package var restore: Bool

    @Key("requester_pays", .bool, default: false, "Whether you pay for the requests, as requester-pays buckets demand")
    package var requesterPays: Bool

    @Key("anonymous", .bool, default: false, "Whether requests are sent unsigned, as public buckets allow")
    package var anonymous: Bool

    @Key(
        "etag_is_md5", .bool, default: true,
        "Whether a plain ETag is the MD5 of the bytes, as on S3, and is checked")
    package var etagIsMD5: Bool

    @Key(.minItems(default: 1))
    package var minItems: Int

    @Key(.maxRejectRatio)
    package var maxRejectRatio: Double

    @Key(
        "max_vanished_ratio", .number(0...1), default: 0.1,
        "A gate: a version that lacks a larger share of the items of `current` is held back (exit 10)")
    package var maxVanishedRatio: Double

    @Key("metadata", .table(), "Fields that are joined to the items by their keys")
    package var metadata: MetadataConfig?

    package init() {}
}

/// `[fetch.metadata]`: a source of fields.
package struct MetadataConfig: ConfigSection {
    /// Where the fields are.
    package enum Source: Sendable {
        /// A PostgreSQL query, and its database; `nil` for libpq's own settings.
        case query(String, database: String?)
        /// The path of a CSV file.
        case csv(String)
        /// The path of a JSON Lines file.
        case jsonl(String)
    }

    @Key("query", .text(.any), "A PostgreSQL query with one row per item; `:batch` is bound to the batch")
    private var query: String?

    @Key(
        "url", .text(.postgres),
        "The database of the query; by default libpq's own settings (`PGSERVICE`, `PGHOST`)")
    private var url: String?

    @Key("csv", .text(.path), "A CSV file with a header line; `{batch}` stands for the batch")
    private var csv: String?

    @Key("jsonl", .text(.path), "A JSON Lines file; `{batch}` stands for the batch")
    private var jsonl: String?

    @Key("key", .text(.any), default: "key", "The column of the item's key")
    package var key: String

    @Key(
        "min_joined_ratio", .number(0...1), default: 0,
        "A gate: a version in which a smaller share of the items has metadata is held back (exit 10)")
    package var minJoinedRatio: Double

    package init() {}

    /// Where the fields are; `nil` in a section that no file has filled.
    package var source: Source? {
        query.map { .query($0, database: url) } ?? csv.map { .csv($0) } ?? jsonl.map { .jsonl($0) }
    }

    package var contradiction: Contradiction? {
        let sources = [$query, $csv, $jsonl].filter { $0.wrappedValue != nil }
        guard let first = sources.first else {
            return Contradiction($query, "is missing: one of query, csv and jsonl is needed")
        }
        if sources.count > 1 {
            return Contradiction(sources[1], "conflicts with \(first.name): fields have one source")
        }
        if url != nil, query == nil { return Contradiction($url, "does not apply without query") }
        return nil
    }
}
