import Testing

/// Messages about `[fetch]`, word for word.
struct FetchErrorTests {
    private static func fault(ofKeys keys: String) -> String {
        messageOfFault { try parse("format = 1\n[fetch]\n" + keys) }
    }

    private static let places = "s3://BUCKET/PREFIX, https://…, http://…, file://… or a path, or a list of such"

    @Test(arguments: [
        ("", "2: fetch.source is missing: it must be \(places)"),
        ("source = []", "3: fetch.source must be \(places), not an empty list"),
        ("source = \"\"", "3: fetch.source must be \(places), not \"\""),
        ("source = \"s3://\"", "3: fetch.source must be \(places), not \"s3://\""),
        ("source = [\"a\", \"ftp://host/x\"]", "3: fetch.source must be \(places), not \"ftp://host/x\""),
        ("source = [\"a\", 1]", "3: fetch.source must be \(places), not 1"),
        (
            "source = \"s3://uploads/{bacth}/\"",
            "3: fetch.source must be \(places), not \"s3://uploads/{bacth}/\": "
                + "{bacth} is unknown; {batch} is the only placeholder"
        ),
    ])
    func `a source that cannot be is refused`(keys: String, expected: String) {
        #expect(Self.fault(ofKeys: keys) == "pipeline.toml:" + expected)
    }

    @Test(arguments: [
        ("part_items = 0", "part_items must be an integer from 1 to 1000000, not 0"),
        ("part_bytes = \"256\"", "part_bytes must be a size such as \"256 MiB\", not \"256\""),
        ("part_bytes = \"0 B\"", "part_bytes must be at least 1 B, not \"0 B\""),
        ("range_bytes = \"1 B\"", "range_bytes must be at least 65536 B, not \"1 B\""),
        ("attempts = 1.5", "attempts must be an integer from 1 to 100, not 1.5"),
        (
            "addressing = \"virtuel\"",
            "addressing must be \"auto\", \"path\" or \"virtual\", not \"virtuel\"; "
                + "did you mean \"virtual\"?"
        ),
        ("include = [1]", "include must be a glob such as \"*.wav\", or a list of such, not 1"),
        ("region = \"\"", "region must be a string that is not empty, not \"\""),
        ("endpoint = \"127.0.0.1:9000\"", "endpoint must be https://… or http://…, not \"127.0.0.1:9000\""),
        (
            "id_pattern = \"^[^/]+/\"",
            "id_pattern must be a regular expression with named groups, such as (?<device>[^/]+), not \"^[^/]+/\""
        ),
        (
            "id_pattern = \"(?<device>\"",
            "id_pattern must be a regular expression with named groups, such as (?<device>[^/]+), not \"(?<device>\": "
                + "expected ')'"
        ),
        ("metadata = 3", "metadata must be a table, not 3"),
        ("metadata.csv = \"\"", "metadata.csv must be a path, not \"\""),
        ("metadata.key = \"id\"", "metadata.query is missing: one of query, csv and jsonl is needed"),
        ("metadata = { query = \"x\", csv = \"y\" }", "metadata.csv conflicts with query: fields have one source"),
        (
            "metadata = { csv = \"y\", url = \"postgresql:///x\" }", "metadata.url does not apply without query"
        ),
        ("input = \"clean\"", "input is not a known key: known are "),
    ])
    func `a value that cannot be is refused`(key: String, expected: String) {
        let message = Self.fault(ofKeys: "source = \"recordings\"\n" + key)
        let isWhole = !expected.hasSuffix(" ")
        #expect(isWhole ? message == "pipeline.toml:4: fetch." + expected : message.contains(expected))
    }

    @Test(arguments: [
        "postgresql://me:hunter2@host/db", "postgresql://me:hun@ter2@host/db", "postgres://host/db?password=hunter2",
        "postgresql://host/db?a=b&PASSWORD=hunter2", "mysql://me:hunter2@host/db", "postgresql:me:hunter2@host",
    ])
    func `no message repeats a password`(address: String) {
        let fromFile = message(about: "[store]\nurl = \"\(address)\"")
        let fromArgument = message(about: "", "store.url=\(address)")
        let fromList = message(about: "[store]\nurl = [\"\(address)\"]")
        #expect(fromFile.hasPrefix("pipeline.toml:7: store.url must be sqlite:PATH or postgresql://…"))
        #expect(fromArgument.hasPrefix("--set store.url must be sqlite:PATH or postgresql://…"))
        for message in [fromFile, fromArgument, fromList] {
            #expect(!message.contains("hunter2") && !message.contains("ter2"))
        }
    }

    @Test func `a refused secret comes with where it belongs`() {
        #expect(
            message(about: "[store]\nurl = \"postgresql://me:hunter2@host/db\"")
                == "pipeline.toml:7: store.url must be sqlite:PATH or postgresql://…: it contains a password, and secrets "
                + "do not belong in pipeline.toml: put it into the file named by PGPASSFILE (~/.pgpass) or into "
                + "pg_service.conf")
        #expect(
            Self.fault(ofKeys: "source = \"https://host/index.jsonl?X-Amz-Signature=abc&v=1\"")
                == "pipeline.toml:3: fetch.source must be \(Self.places), not \"https://host/index.jsonl?v=1\": it contains "
                + "a secret (x-amz-signature), and secrets do not belong in pipeline.toml: put it into the environment "
                + "(AWS_*) or ~/.aws/credentials")
    }
}
