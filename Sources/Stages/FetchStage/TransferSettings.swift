internal import BatchFormat
internal import Downloads
internal import ObjectSources
internal import PipelineConfig
internal import StageRun
internal import Transfer

extension SourceSettings {
    /// What `[fetch]` says of how to reach a source.
    ///
    /// - Parameter environment: the process's environment, for the AWS credential chain.
    init(_ config: StageConfig, environment: [String: String], events: EventLog) {
        self.init(environment: environment)
        endpoint = config.optionalString("endpoint")
        region = config.optionalString("region")
        switch config.string("addressing") {
        case "path": addressing = .path
        case "virtual": addressing = .virtualHost
        default: addressing = nil
        }
        anonymous = config.bool("anonymous")
        etagIsMD5 = config.bool("etag_is_md5")
        retry = RetryPolicy(config)
        note = { events.record(MirrorPassedOver($0)) }
        timeouts.connect = config.seconds("connect_timeout")
        timeouts.stallSeconds = max(1, Int(config.seconds("stall_timeout").rounded(.up)))
    }
}

extension RetryPolicy {
    /// What `[fetch]` says of how often a request is tried.
    init(_ config: StageConfig) {
        self.init()
        attempts = config.int("attempts")
        deadline = config.seconds("retry_for")
    }
}

extension DownloadOptions {
    /// What `[fetch]` says of how objects are brought.
    init(_ config: StageConfig, jobs: Int) {
        self.init()
        inFlight = config.int("transfers")
        rangeBytes = Int64(config.bytes("range_bytes"))
        rangedFrom = rangeBytes * 4
        retry = RetryPolicy(config)
        hashers = max(1, min(4, jobs))
    }
}
