internal import BatchFormat
internal import Downloads
internal import ObjectSources
internal import PipelineConfig
internal import StageRun
internal import Transfer

extension SourceSettings {
    /// The settings in `[fetch]` for reaching a source.
    ///
    /// - Parameter environment: the process's environment, for the AWS credential chain.
    init(_ keys: FetchConfig, environment: [String: String], events: EventLog) {
        self.init(
            environment: environment, anonymous: keys.anonymous, etagIsMD5: keys.etagIsMD5, retry: RetryPolicy(keys))
        endpoint = keys.endpoint
        requesterPays = keys.requesterPays
        region = keys.region
        addressing =
            switch keys.addressing {
            case .auto: nil
            case .path: .path
            case .virtual: .virtualHost
            }
        note = { events.record(MirrorPassedOver($0)) }
        timeouts.connect = keys.connectTimeout
        timeouts.stallSeconds = max(1, Int(keys.stallTimeout.rounded(.up)))
    }
}

extension RetryPolicy {
    /// The settings in `[fetch]` for retrying requests.
    init(_ keys: FetchConfig) { self.init(attempts: keys.attempts, deadline: keys.retryFor) }
}

extension DownloadOptions {
    /// The settings in `[fetch]` for downloading objects.
    init(_ keys: FetchConfig, jobs: Int) {
        self.init(inFlight: keys.transfers, rangeBytes: Int64(keys.rangeBytes), retry: RetryPolicy(keys))
        hashers = max(1, min(4, jobs))
        restores = keys.restore
    }
}
