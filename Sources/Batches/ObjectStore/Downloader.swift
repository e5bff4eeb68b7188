public import Fault
public import Transfer

/// Brings many objects at once, each whole, verified, and never a mixture of two versions.
public final class Downloader: Sendable {
    private let engine: TransferEngine
    private let options: DownloadOptions
    private let pool: JobPool

    /// Makes a downloader that shares an engine's connections.
    public init(engine: TransferEngine, options: DownloadOptions = DownloadOptions()) {
        self.engine = engine
        self.options = options
        pool = JobPool(threads: options.hashers)
    }

    /// Brings objects into files, and tells each one's outcome as it ends, in no particular order, on the calling thread.
    ///
    /// Returns when every request has had its outcome. On a fault every transfer is cancelled and every file that has
    /// no outcome yet is removed.
    ///
    /// - Parameter checkStop: called at least five times a second; what it throws stops everything.
    /// - Throws: `.unavailable` when retries are exhausted, `.denied`, `.missing` (the bucket is gone), `.damaged` (bytes
    ///   that never match their checksum), `.disk`, and whatever `checkStop` or `outcome` throws.
    public func fetch(
        _ requests: [DownloadRequest], from source: any ObjectSource,
        checkStop: () throws(Fault) -> Void,
        outcome: (_ index: Int, DownloadOutcome) throws(Fault) -> Void
    ) throws(Fault) {
        let run = try FetchRun(requests, source, engine, pool, options)
        try run.perform(checkStop: checkStop, outcome: outcome)
    }
}
