import Fault
import JSON
import PipelineConfig
import Testing

struct StageConfigTests {
    private static func pipeline(_ more: String = "", _ overrides: [String] = []) throws -> PipelineConfig {
        try PipelineConfig.parse(text: smallest + "\n" + more, fileName: "pipeline.toml", overrides: overrides)
    }

    private static func stage(_ name: String, _ more: String = "", _ overrides: [String] = []) throws -> StageConfig {
        try pipeline(more, overrides).stage(named: name)
    }

    @Test func `the effective configuration has every key in the schema's order and in one form`() throws {
        let text = try JSON.object(Self.stage("clean").effective).text(.line)
        #expect(
            text
                == "{\"tool\": \"clean\", \"input\": [\"fetch\"], \"sample_rate\": 16000, \"channels\": \"mix\", "
                + "\"resampler\": \"soxr-hq\", \"min_seconds\": 0.1, \"max_seconds\": 60.0, \"silence_dbfs\": -60.0, "
                + "\"min_items\": 0, \"max_reject_ratio\": 0.05}")
    }

    @Test func `only what can change bytes bears on the result`() throws {
        func names(_ stage: String, _ more: String = "") throws -> [String] {
            try Self.stage(stage, more).resultBearing.members.map(\.name)
        }
        #expect(try names("fetch") == ["max_object_bytes"])
        #expect(
            try names("clean", "[clean.fields]\nsite = { type = \"string\" }")
                == ["sample_rate", "channels", "resampler", "min_seconds", "max_seconds", "silence_dbfs", "fields"])
        #expect(
            try names("infer")
                == [
                    "model", "device", "precision", "threads", "max_batch_items", "max_batch_frames", "frame_grid",
                    "tag_threshold", "top",
                ])
        #expect(try names("store") == ["url", "group_by"])
    }

    @Test(arguments: [
        ("kaldi-fbank", ["mel_bins", "frame_length_ms", "snip_edges"], ["num_ceps", "statistics"]),
        ("kaldi-mfcc", ["mel_bins", "frame_length_ms", "num_ceps", "use_energy"], ["statistics"]),
        ("whisper-mel", ["mel_bins", "normalize"], ["num_ceps", "frame_length_ms", "snip_edges"]),
        ("waveform", ["normalize"], ["mel_bins", "frame_shift_ms"]),
    ])
    func `features bear what means something for their kind`(kind: String, present: [String], absent: [String]) throws {
        let names = try Self.stage("featurize", "[featurize]\nkind = \"\(kind)\"").resultBearing.members.map(\.name)
        #expect(Set(names).isSuperset(of: present))
        #expect(Set(names).isDisjoint(with: absent))
    }

    @Test(arguments: [("kaldi-fbank", 80, "item"), ("kaldi-mfcc", 23, "item"), ("whisper-mel", 80, "none")])
    func `defaults follow the kind of features`(kind: String, bins: Int, normalize: String) throws {
        let config = try Self.pipeline("[featurize]\nkind = \"\(kind)\"")
        let melBins: Int? =
            switch try config.featurize.features {
            case .kaldiFbank(let keys), .kaldiMFCC(let keys, _): keys.melBins
            case .whisperMel(let melBins): melBins
            case .waveform: nil
            }
        #expect(melBins == bins)
        let record = try config.stage(named: "featurize").effective
        #expect(record["mel_bins"] == .int(Int64(bins)))
        #expect(record["normalize"] == .string(normalize))
    }

    @Test func `the same meaning written otherwise bears the same`() throws {
        let plain = try Self.stage(
            "clean", "[clean]\nmax_seconds = 60\nfields.b.type = \"string\"\nfields.a.type = \"number\"")
        let other = try Self.stage(
            "clean",
            "[clean.fields]\na = { required = false, type = \"number\" }\nb = {type=\"string\"}\n[clean]\nmax_seconds=60.0"
        )
        #expect(
            JSON.object(plain.resultBearing).bytes(.canonical) == JSON.object(other.resultBearing).bytes(.canonical))
        #expect(
            try plain.settings(as: CleanConfig.self).fields.map(\.name)
                == other.settings(as: CleanConfig.self).fields.map(\.name))
    }

    @Test func `gates, waits and endpoints bear nothing`() throws {
        let plain = try Self.stage("infer").resultBearing
        let other = try Self.stage(
            "infer", "",
            ["infer.max_reject_ratio=1", "infer.memory_soft=50%", "infer.follow_wait=2 h", "infer.min_items=5"])
        #expect(plain == other.resultBearing)
        #expect(try Self.stage("infer", "", ["infer.max_batch_items=8"]).resultBearing != plain)
    }

    @Test func `addresses go on record without users`() throws {
        let store = try Self.stage(
            "store", "[store]\nurl = \"postgresql://nocturne@db.example/results?sslmode=require\"")
        #expect(
            try store.settings(as: StoreConfig.self).url == "postgresql://nocturne@db.example/results?sslmode=require")
        #expect(store.effective["url"] == "postgresql://db.example/results?sslmode=require")
        #expect(store.resultBearing["url"] == store.effective["url"])
        let fetch = try Self.stage(
            "fetch", "[fetch.metadata]\nquery = \"SELECT 1\"\nurl = \"postgresql://me@h/d\"",
            ["fetch.source=https://me@h/i.jsonl"])
        #expect(fetch.effective["source"] == ["https://h/i.jsonl"])
        #expect(fetch.effective["metadata"]?["url"] == "postgresql://h/d")
        guard
            case .query("SELECT 1", database: "postgresql://me@h/d") =
                try fetch.settings(as: FetchConfig.self).metadata?.source
        else {
            Issue.record("the user's name is not kept")
            return
        }
    }

    @Test func `arguments override the file, the last one wins, and text needs no quotes`() throws {
        let infer = try Self.pipeline(
            "", ["infer.max_batch_items=8", "infer.max_batch_items=4", "infer.model=digits@20261120"]
        ).infer
        #expect(infer.maxBatchItems == 4)
        #expect(infer.model == "digits@20261120")
        let clean = try Self.pipeline(
            "[clean]\nchannels = 1",
            ["clean.channels=mix", "clean.fields.\"gain (dB)\".type=number", "clean.fields.\"gain (dB)\".fill=2"]
        ).clean
        #expect(clean.channels == .word(.mix))
        #expect(clean.fields.map(\.name) == ["gain (dB)"])
        #expect(clean.fields.first?.fill == .literal(2.0))
        let fetch = try Self.pipeline(
            "", ["fetch.include=[\"*.wav\", \"*.ogg\"]", "fetch.exclude=*.txt", "fetch.region=1"]
        ).fetch
        #expect(fetch.include == ["*.wav", "*.ogg"])
        #expect(fetch.exclude == ["*.txt"])
        #expect(fetch.region == "1")
        #expect(fetch.source == ["recordings/{batch}"])
    }

    @Test func `what is left out and has no default is nothing`() throws {
        let stage = try Self.stage("fetch")
        let fetch: FetchConfig = try stage.settings()
        #expect(fetch.endpoint == nil)
        #expect(fetch.include == [])
        #expect(fetch.metadata == nil)
        #expect(stage.effective["include"] == nil)
        #expect(stage.effective["part_items"] == 256)
        #expect(!fetch.anonymous)
        #expect(fetch.retryFor == 300)
    }

    @Test(arguments: [
        "2026-11-19T22:04:11Z", "2026-11-19t22:04:11.123+05:30", "2026-12-31 23:59:60-08:00",
    ])
    func `a timestamp's fill may be any moment with an offset`(text: String) throws {
        let fields = try Self.pipeline("[clean.fields]\nat = { type = \"timestamp\", fill = \"\(text)\" }").clean.fields
        #expect(fields.first?.fill == .literal(.string(text)))
    }

    @Test func `a moment of the file itself is kept as text`() throws {
        let fields = try Self.pipeline(
            "[clean.fields]\nat = { type = \"timestamp\", fill = 2026-11-19T22:04:11+01:00 }"
        )
        .clean.fields
        #expect(fields.first?.fill == .literal("2026-11-19T22:04:11+01:00"))
    }

    @Test func `a section is read as the type of the tool that runs the stage`() throws {
        let stage = try Self.stage("again", "[again]\ntool = \"infer\"\nmodel = \"digits@4\"")
        #expect(try stage.settings(as: InferConfig.self).model == "digits@4")
        let fault = #expect(throws: Fault.self) { try stage.settings(as: CleanConfig.self) }
        #expect(fault?.kind == .usage)
        #expect(fault?.message == "the stage 'again' is run by infer, not by clean")
    }
}
