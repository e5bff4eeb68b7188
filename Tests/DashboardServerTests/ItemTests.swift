import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// One item, from the database and from the batches on disk.
@Suite struct ItemTests {
    private func firstItem(_ dashboard: Dashboard) throws -> String {
        let rows = try dashboard.json("/api/v1/predictions?sort=item&limit=1")["predictions"]?.array
        let id = try #require(rows?.first?["item"]?.string)
        return "pipeline=small&batch=\(Workplace.batch)&id=\(id.replacing("/", with: "%2F"))"
    }

    @Test func `the ledger and the lineage are served`() throws {
        let dashboard = try Dashboard(.sqlite)
        let item = try dashboard.json("/api/v1/item?\(firstItem(dashboard))")
        #expect(item["predictions"]?.array?.count == 1)
        #expect(item["ledger"]?["fetch"]?["sha256"]?.string?.count == 64, "\(item)")
        #expect(item["ledger_missing"] == .null)
        let stages = (item["lineage"]?.array ?? []).compactMap { $0["stage"]?.string }
        #expect(Set(["fetch", "clean", "featurize", "infer"]).isSubset(of: stages), "\(stages)")
    }

    @Test func `waveform and spectrogram come from the sound`() throws {
        let dashboard = try Dashboard(.sqlite)
        let item = try firstItem(dashboard)
        let wave = try dashboard.json("/api/v1/item/waveform?\(item)&points=40")
        #expect(wave["minimum"]?.array?.isEmpty == false && (wave["minimum"]?.array?.count ?? 41) <= 40)
        #expect((wave["seconds"]?.double ?? 0) > 0)
        let spectrogram = try dashboard.json("/api/v1/item/spectrogram?\(item)")
        #expect(spectrogram["values"]?.array?.count == spectrogram["frames"]?.int)
    }

    /// Audio that was recomputed since must not replace that from which the results were made.
    @Test func `the sound is that of the requested version`() throws {
        let dashboard = try Dashboard(.sqlite)
        let item = try firstItem(dashboard)
        try dashboard.place.succeed("clean", "--set", "clean.sample_rate=8000")
        func rate(_ maker: String) throws -> Answer { try dashboard.ask("/api/v1/item/waveform?\(item)\(maker)") }
        #expect(try rate("").json()["sample_rate"] == 8000, "the accepted version")
        #expect(try rate("&stage=clean&version=v1").json()["sample_rate"] == 16_000)
        #expect(try rate("&stage=clean&version=v2").json()["sample_rate"] == 8000)
        for maker in ["&stage=clean&version=v3", "&stage=fetch&version=v1", "&stage=nothing"] {
            #expect(try rate(maker).status == 404, "\(maker)")
        }
        let sounds = try ["v1", "v2"].map { version in
            try dashboard.ask("/api/v1/item/audio?\(item)&stage=clean&version=\(version)").body.count
        }
        #expect(sounds[0] > sounds[1])
        let pictures = try ["v1", "v2"].map { version in
            try dashboard.ask("/api/v1/item/spectrogram?\(item)&stage=clean&version=\(version)").body
        }
        #expect(pictures[0] != pictures[1])
    }

    @Test func `sound is audited`() throws {
        let dashboard = try Dashboard(.sqlite)
        let item = try firstItem(dashboard)
        let sound = try dashboard.ask("/api/v1/item/audio?\(item)")
        #expect(sound.status == 200 && sound.headers["content-type"] == "audio/wav")
        #expect(sound.body.starts(with: Array("RIFF".utf8)) && sound.body.count > 1000)
        let lines = try dashboard.audit()
        #expect(lines.count == 1 && lines.first?["action"]?.string == "listen", "\(lines)")
        #expect(lines.first?["target"]?.string == "/api/v1/item/audio?\(item)")
        #expect(lines.first?["name"]?.string == "local" && lines.first?["client"]?.string == "127.0.0.1")
    }

    @Test func `what cannot be audited is not handed out`() throws {
        let place = try Workplace.finished()
        let dashboard = try Dashboard(place, ["--audit-log", "/dev/full"])
        let item = try firstItem(dashboard)
        for target in ["/api/v1/item/audio?\(item)", "/api/v1/predictions.csv"] {
            let answer = try dashboard.ask(target)
            #expect(answer.status == 503, "\(target): \(answer)")
            #expect(!answer.body.starts(with: Array("RIFF".utf8)) && answer.text.contains("audit log"))
        }
    }

    @Test func `versions and their differences are served`() throws {
        let dashboard = try Dashboard(.sqlite)
        try dashboard.place.succeed("clean", "--set", "clean.silence_dbfs=-61")
        let about = "pipeline=small&batch=\(Workplace.batch)"
        let versions = try dashboard.json("/api/v1/versions?\(about)")["versions"]?.array ?? []
        #expect(versions.filter { $0["stage"]?.string == "clean" }.count == 2, "\(versions)")
        let changes = try dashboard.json("/api/v1/diff?\(about)&stage=clean&a=v1&b=v2")["changes"]?.array ?? []
        #expect(changes.contains { $0["key"]?.string?.contains("silence_dbfs") == true }, "\(changes)")
    }

    @Test func `there is no sound without a root`() throws {
        let place = try Workplace.finished()
        let program = place.program(
            "dashboard",
            [
                "--database", "sqlite:data/nocturne.db", "--listen", "127.0.0.1:0", "--page", Dashboard.page,
                "--audit-log", "audit.jsonl",
            ])
        let running = try program.start()
        let port = try #require(try running.firstLine()?.split(separator: ":").last?.dropLast()).description
        let wire = try Wire(port: try #require(Int(port)))
        wire.send("GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let me = try wire.answer().json()
        #expect(me["root"]?.bool == false && me["audio"]?.bool == false)
        wire.send("GET /api/v1/versions?pipeline=small&batch=x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = try wire.answer()
        #expect(answer.status == 404 && answer.text.contains("--root"), "\(answer)")
    }
}
