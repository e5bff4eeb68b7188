import JSON
import TOMLText

extension SectionSchema {
    /// `[fetch]`: where recordings come from. Nothing of where and how changes bytes: the listing, with the fields joined
    /// to it, is the stage's input and enters the parts' keys by itself. What is made of a listed item does.
    package static let fetch = SectionSchema(
        [
            KeySchema("tool", .oneOf(["fetch"]), default: "fetch", "The tool that runs the stage"),
            KeySchema(
                "source", .texts(.source), required: true,
                "Where recordings are: `s3://BUCKET/PREFIX`, an index at `https://…/index.jsonl`, `file://…` or a path; "
                    + "`{batch}` stands for the batch, and several are mirrors, tried in order"),
            KeySchema("endpoint", .text(.web), "The address of an S3-compatible store; without it, AWS"),
            KeySchema("region", .text(.any), "The region to sign for; without it, the environment's or the profile's"),
            KeySchema(
                "addressing", .oneOf(["auto", "path", "virtual"]), default: "auto",
                "Whether a bucket's name stands in the path or in the host; `auto` is the path where there is an endpoint"
            ),
            KeySchema(
                "include", .texts(.glob), "Globs of keys to take; they cross `/`, and without any every key is taken"),
            KeySchema("exclude", .texts(.glob), "Globs of keys to leave"),
            KeySchema(
                "id_pattern", .text(.patternWithNames), bearing: true,
                "A regular expression over an item's id whose named groups become fields"),
            KeySchema("part_items", .int(1...1_000_000), default: 256, "A part is cut at this many items"),
            KeySchema("part_bytes", .byteSize(1 ... .max), default: "256 MiB", "A part is cut at this many bytes"),
            KeySchema(
                "part_wait", .duration(0...86_400), default: "60 s",
                "When watching, a part is cut this long after its first item"),
            KeySchema(
                "watch_interval", .duration(1...86_400), default: "30 s",
                "When watching, the source is listed this often"),
            KeySchema(
                "queue", .text(.web),
                "When watching, an SQS queue with the notices of an S3 source; then it is listed first and last only"),
            KeySchema("transfers", .int(1...1024), default: 32, "How many transfers are in flight at once"),
            KeySchema(
                "range_bytes", .byteSize(65_536 ... .max), default: "16 MiB",
                "The size of the ranges that larger objects are brought in"),
            KeySchema(
                "max_object_bytes", .byteSize(1 ... .max), default: "4 GiB", bearing: true,
                "A larger object is rejected (`too_large`), not transferred"),
            KeySchema("attempts", .int(1...100), default: 8, "How often a request is tried in all"),
            KeySchema(
                "retry_for", .duration(0...86_400), default: "5 min",
                "After this long without progress a request is not tried again"),
            KeySchema("connect_timeout", .duration(1...3600), default: "10 s", "How long connecting may take"),
            KeySchema(
                "stall_timeout", .duration(1...3600), default: "30 s",
                "A transfer that brings next to nothing for this long is tried again"),
            KeySchema("anonymous", .bool, default: false, "Whether requests go out unsigned, as public buckets allow"),
            KeySchema(
                "etag_is_md5", .bool, default: true,
                "Whether a plain ETag is the MD5 of the bytes, as on S3, and is checked"),
            CommonKeys.minItems(default: 1),
            CommonKeys.maxRejectRatio,
            KeySchema("metadata", .table(.metadata), "Fields that are joined to the items by their keys"),
        ])

    /// `[fetch.metadata]`: one source of fields.
    private static let metadata = SectionSchema([
        KeySchema("query", .text(.any), "A PostgreSQL query with one row per item; `:batch` is bound to the batch"),
        KeySchema(
            "url", .text(.postgres),
            "The database that is asked; without it, libpq's own settings (`PGSERVICE`, `PGHOST`)"),
        KeySchema("csv", .text(.path), "A CSV file with a header line; `{batch}` stands for the batch"),
        KeySchema("jsonl", .text(.path), "A JSON Lines file; `{batch}` stands for the batch"),
        KeySchema("key", .text(.any), default: "key", "The column that holds the item's key"),
    ]) { values in
        let sources = ["query", "csv", "jsonl"].filter { values[$0] != nil }
        if sources.isEmpty {
            return Contradiction(key: "query", message: "is missing: one of query, csv and jsonl is needed")
        }
        if sources.count > 1 {
            return Contradiction(key: sources[1], message: "cannot stand beside \(sources[0]): fields have one source")
        }
        if values["url"] != nil, values["query"] == nil {
            return Contradiction(key: "url", message: "means nothing without query")
        }
        return nil
    }
}
