import Fault
import JSON
import PipelineConfig
import Testing

/// The contract's example, complete.
let designExample = """
    format = 1
    description = "Spoken digits from field devices"

    [fetch]
    source = "s3://uploads/{batch}/"      # or https://…/index.jsonl, file://…, a path; several = mirrors, tried in order
    endpoint = "http://127.0.0.1:9000"    # any S3-compatible store; the default is AWS
    include = ["*.wav", "*.flac", "*.ogg"]
    part_items = 256                      # a part is cut at this many items,
    part_bytes = "256 MiB"                #   or this many bytes,
    part_wait = "60 s"                    #   or this long after its first item (when watching)
    min_items = 1                         # fewer is a failed night (exit 10), not a success
    id_pattern = "^(?<device>[^/]+)/"     # named groups become fields
    [fetch.metadata]
    query = "SELECT key, recorded_at, site FROM uploads WHERE day = :batch"   # joined to items by key

    [clean]
    sample_rate = 16000
    channels = "mix"                      # or 0, 1, …
    resampler = "soxr-hq"                 # or soxr-vhq, samplerate-best, samplerate-medium, samplerate-fastest
    min_seconds = 0.1
    max_seconds = 60.0
    silence_dbfs = -60.0
    max_reject_ratio = 0.05
    [clean.fields]                        # the schema of an item's metadata, and how a gap is filled
    recorded_at = { type = "timestamp", fill = "last_modified" }
    site        = { type = "string", required = true }
    gain_db     = { type = "number", min = -20, max = 60, fill = 0.0 }

    [featurize]
    kind = "kaldi-fbank"                  # kaldi-fbank | kaldi-mfcc | whisper-mel | waveform
    mel_bins = 80
    normalize = "item"                    # none | item | global (statistics file)

    [infer]
    model = "digits@production"           # NAME@VERSION or NAME@ALIAS in models/
    device = "auto"
    precision = "float32"                 # or bfloat16
    max_batch_items = 16
    max_batch_frames = 16000              # padded frames: what memory follows
    memory_soft = "70%"                   # of the smaller of RAM and the cgroup's limit: warn, halve the batch
    memory_hard = "90%"                   # stop with 75 before the kernel kills

    [store]
    url = "sqlite:data/nocturne.db"       # or postgresql://…; NOCTURNE_DATABASE_URL overrides
    """

/// The smallest pipeline.
let smallest = """
    format = 1
    [fetch]
    source = "recordings/{batch}"
    [infer]
    model = "digits@3"
    """

func parse(_ text: String, _ overrides: String...) throws(Fault) -> PipelineConfig {
    try PipelineConfig.parse(text: text, fileName: "pipeline.toml", name: "digits", overrides: overrides)
}

extension PipelineConfig {
    var fetch: FetchConfig { get throws(Fault) { try stage(named: "fetch").settings() } }
    var clean: CleanConfig { get throws(Fault) { try stage(named: "clean").settings() } }
    var featurize: FeaturizeConfig { get throws(Fault) { try stage(named: "featurize").settings() } }
    var infer: InferConfig { get throws(Fault) { try stage(named: "infer").settings() } }
    var store: StoreConfig { get throws(Fault) { try stage(named: "store").settings() } }
}

struct DesignExampleTests {
    @Test func `every key of the contract's example is read`() throws {
        let config = try parse(designExample)
        #expect(config.name == "digits")
        #expect(config.description == "Spoken digits from field devices")
        #expect(config.stages.map(\.stage) == ["fetch", "clean", "featurize", "infer", "store"])
        #expect(config.stages.map(\.inputs) == [[], ["fetch"], ["clean"], ["featurize"], ["infer"]])
        let fetch = try config.fetch
        #expect(fetch.source == ["s3://uploads/{batch}/"])
        #expect(fetch.partBytes == 268_435_456)
        #expect(fetch.partWait == 60)
        guard case .query(let query, database: nil) = fetch.metadata?.source else {
            Issue.record("the metadata's source is \(String(describing: fetch.metadata?.source))")
            return
        }
        #expect(query.hasPrefix("SELECT key"))
        #expect(fetch.metadata?.key == "key")
        #expect(fetch.region == nil)
        let clean = try config.clean
        #expect(clean.channels == .word(.mix))
        #expect(clean.silenceDBFS == -60)
        #expect(clean.fields.map(\.name) == ["gain_db", "recorded_at", "site"])
        #expect(clean.fields.map(\.fill) == [.literal(.double(0)), .lastModified, nil])
        #expect(clean.fields.map(\.isRequired) == [false, false, true])
        let infer = try config.infer
        #expect(infer.model == "digits@production")
        #expect(infer.memorySoft == 0.7)
    }

    @Test func `what the example shows for clean, featurize and infer is what they are without a section`() throws {
        let whole = try parse(designExample)
        // The default is a quarter of the example's: as fast on a CPU, in half the memory.
        let bare = try parse(smallest, "infer.model=digits@production", "infer.max_batch_frames=16000")
        for stage in ["featurize", "infer", "store"] {
            #expect(try whole.stage(named: stage).effective == bare.stage(named: stage).effective)
        }
        var clean = try whole.stage(named: "clean").effective
        clean["fields"] = nil
        #expect(try clean == bare.stage(named: "clean").effective)
    }
}
