import Foundation
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// The chain on real services: S3 storage, metadata from a PostgreSQL query, results in PostgreSQL.
@Suite(.tags(.server)) struct ServiceTests {
    static let token = "Tr0ub4dor-and-3-secrets"

    @Test func `a night runs from S3 into PostgreSQL`() throws {
        let place = try DemoNight.workplace()
        let storage = try TestServer.moto()
        let server = try PostgresServer.running()
        let (field, results) = (try server.makeDatabase(), try server.makeDatabase())
        try upload(place, "data/uploads/\(Workplace.batch)", to: storage.url, "key", "secret")
        try load(place, into: field, of: server)
        try configure(place, storage: storage.url, field: server.url(field), results: server.url(results))

        let done = try place.program("nocturne", ["nightly", "digits", Workplace.batch], environment: keys).run()
        #expect(done.code == 0, "\(done)")
        let select = { (columns: String, table: String) in
            try server.psql("SELECT \(columns) FROM \(table) ORDER BY 1", in: results).split(separator: "\n")
                .map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
        }
        let predictions = try select("item_id, label", "predictions")
        let rejections = try select("item_id, reason", "rejections")
        let (accuracy, strays) = try DemoNight.judge(place, predictions: predictions, rejections: rejections)
        #expect(accuracy >= 0.9, "\(accuracy)")
        #expect(strays.isEmpty, "\(strays)")
        #expect(try select("stage", "runs").count == 5)
        let sites = try server.psql(
            "SELECT count(DISTINCT fields->>'site'), count(recorded_at), count(*) FROM predictions", in: results)
        #expect(sites == "6|111|111", "metadata came through the query, and gaps were filled: \(sites)")

        // The whole night again: nothing is transferred, nothing is loaded, and the rows stay unchanged.
        let before = try server.psql("SELECT xmin, item_id FROM predictions ORDER BY 2", in: results)
        let again = try place.program("nocturne", ["nightly", "digits", Workplace.batch], environment: keys).run()
        #expect(again.code == 0, "\(again)")
        #expect(try server.psql("SELECT xmin, item_id FROM predictions ORDER BY 2", in: results) == before)
    }

    @Test func `S3 and a directory give the same predictions`() throws {
        let place = try Workplace.finished()
        let directory = try place.ledger("infer/v1").map { [$0["id"]?.string, $0["infer"]?.text(.canonical)] }
        let storage = try TestServer.moto()
        try upload(place, Workplace.source, to: storage.url, "key", "secret")
        try place.remove("data")
        let sources = ["--set", "fetch.source=s3://uploads/{batch}/", "--set", "fetch.endpoint=\(storage.url)"]
        for tool in Binaries.chain {
            let done = try place.program(
                tool, ["small", Workplace.batch] + (tool == "fetch" ? sources : []), environment: keys
            ).run()
            #expect(done.code == 0, "\(done)")
        }
        #expect(try place.ledger("infer/v1").map { [$0["id"]?.string, $0["infer"]?.text(.canonical)] } == directory)
    }

    @Test func `a strict store accepts our signatures for awkward keys`() throws {
        let place = try Workplace()
        for (index, name) in ["a b+c=d&e", "ünï cödé/日本語", "100%25 %2F", "(x)!*',;:@$~", "emoji 😀"].enumerated() {
            try place.write("\(Workplace.source)/device-07/\(name).wav", Recording(seed: UInt64(200 + index)).bytes)
        }
        let folder = try ScratchFolder()
        let storage = try TestServer.strict(folder: folder.path)
        try upload(place, Workplace.source, to: storage.url, "test:tester", "testing")
        let local = try Set(place.ids("fetch/\(URL(fileURLWithPath: place.succeed("fetch")).lastPathComponent)"))
        try place.remove("data")
        let arguments = [
            "small", Workplace.batch, "--set", "fetch.source=s3://uploads/{batch}/", "--set",
            "fetch.endpoint=\(storage.url)",
        ]
        let right = ["AWS_ACCESS_KEY_ID": "test:tester", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"]
        let done = try place.program("fetch", arguments, environment: right).run()
        #expect(done.code == 0, "\(done)")
        #expect(try Set(place.ids("fetch/v1")) == local)

        let wrong = right.merging(["AWS_SECRET_ACCESS_KEY": Self.token]) { $1 }
        let denied = try place.program("fetch", arguments, environment: wrong).run()
        #expect(denied.code == 77, "\(denied)")
        #expect(!denied.err.contains(Self.token))
        let missing = try place.program(
            "fetch", arguments.map { $0.replacingOccurrences(of: "s3://uploads/", with: "s3://nothing/") },
            environment: right
        ).run()
        #expect(missing.code == 66, "no such bucket: \(missing)")
    }

    @Test func `only a changed object is fetched again`() throws {
        let place = try Workplace()
        let storage = try TestServer.moto()
        try upload(place, Workplace.source, to: storage.url, "key", "secret")
        let arguments = [
            "small", Workplace.batch, "--set", "fetch.source=s3://uploads/{batch}/", "--set",
            "fetch.endpoint=\(storage.url)",
        ]
        #expect(try place.program("fetch", arguments, environment: keys).run().code == 0)
        // A folder with the one changed file: uploading the others again would give them new times.
        try place.write("changed/device-02/rec-4.wav", Recording(seed: 90).bytes)
        try upload(place, "changed", to: storage.url, "key", "secret")
        let done = try place.program("fetch", arguments + ["--json"], environment: keys).run()
        #expect(done.code == 0, "\(done)")
        #expect(done.out.contains("\"parts_made\": 1") && done.out.contains("\"parts_reused\": 3"), "\(done)")
    }

    @Test func `a batch name is bound to the query and never pasted`() throws {
        let place = try Workplace()
        let server = try PostgresServer.running()
        let field = try server.makeDatabase()
        try server.psql("CREATE TABLE uploads (key text, day text, site text)", in: field)
        try server.psql(
            "INSERT INTO uploads VALUES ('device-01/rec-3.wav', '\(Workplace.batch)', 'it''s; DROP TABLE')", in: field)
        try place.configure(
            "csv = \"known.csv\"",
            """
            query = "SELECT key, site FROM uploads WHERE day = :batch -- :batch"
            url = "\(server.url(field))"
            """)
        let done = try place.run("fetch")
        #expect(done.code == 0, "\(done)")
        let item = try place.ledger("fetch/v1").first { $0["id"]?.string == "device-01/rec-3.wav" }
        #expect(item?["fields"]?["site"]?.string == "it's; DROP TABLE")
        try place.configure("FROM uploads", "FROM nowhere")
        let wrong = try place.run("fetch")
        #expect(wrong.code == 78, "a query that cannot be run is the configuration's fault: \(wrong)")
        #expect(wrong.err.contains("nowhere"), "\(wrong)")
    }

    @Test func `a metadata database that is down does not give a night without metadata`() throws {
        let place = try Workplace()
        try place.configure(
            "csv = \"known.csv\"",
            "query = \"SELECT key FROM uploads\"\nurl = \"postgresql://someone@127.0.0.1:1/none\""
        )
        let done = try place.run("fetch")
        #expect(done.code == 69, "\(done)")
        #expect(place.current("fetch") == nil)
    }

    @Test func `a stopped database is unavailable, and loaded once it is back`() throws {
        let place = try Workplace.finished()
        let server = try PostgresServer()
        let results = try server.makeDatabase()
        let variables = ["NOCTURNE_DATABASE_URL": server.url(results)]
        try server.crash()
        #expect(try place.run("store", environment: variables).code == 69)
        try server.restart()
        try place.succeed("store", environment: variables)
        #expect(try server.psql("SELECT count(*) FROM predictions", in: results) == "8")
        try server.stop()
    }

    // MARK: Preparations

    private var keys: [String: String] {
        ["AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"]
    }

    private func upload(
        _ place: Workplace, _ folder: String, to endpoint: String, _ key: String, _ secret: String
    ) throws {
        let done = try Python.run(
            Python.tests,
            [Python.program("upload_folder.py"), endpoint, key, secret, "uploads", "\(Workplace.batch)/", folder],
            in: place)
        guard done.code == 0 else { throw HarnessError("\(done)") }
    }

    /// Loads the demo's metadata into a table, with gaps as NULL.
    private func load(_ place: Workplace, into database: String, of server: PostgresServer) throws {
        try server.psql(
            "CREATE TABLE uploads (key text, recorded_at timestamptz, site text, gain_db real, day text)", in: database)
        try server.psql(
            "\\copy uploads (key, recorded_at, site, gain_db) FROM '\(place["data/uploads/\(Workplace.batch).metadata.csv"])' "
                + "WITH (FORMAT csv, HEADER)", in: database)
        try server.psql("UPDATE uploads SET day = '\(Workplace.batch)'", in: database)
        try server.psql(
            "INSERT INTO uploads VALUES ('device-01/rec-00001.wav', now(), 'another day', 0, '2026-11-19')",
            in: database)
    }

    /// The example that a team would copy, with its addresses replaced.
    private func configure(_ place: Workplace, storage: String, field: String, results: String) throws {
        var text = try Checkout.text("pipelines/examples/digits-s3-postgresql.toml")
        for (old, new) in [
            ("http://127.0.0.1:9000", storage), ("postgresql://127.0.0.1/field", field),
            ("postgresql://127.0.0.1/results", results), ("max_reject_ratio = 0.05", "max_reject_ratio = 0.1"),
        ] {
            guard text.contains(old) else { throw HarnessError("the example has no '\(old)'") }
            text = text.replacingOccurrences(of: old, with: new)
        }
        try place.write("pipelines/digits/pipeline.toml", text)
    }
}
