public import Fault
public import Transfer
internal import Workers

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
    /// Returns when every request has had its outcome. An object that cannot be brought ends the run, once those before it
    /// have theirs; on a full disk, and when stopped, it ends at once. Then every transfer is cancelled and every file that
    /// has no outcome is removed.
    ///
    /// - Parameter checkStop: called at least five times a second; what it throws stops everything.
    /// - Throws: `.unavailable` when retries are exhausted, `.denied`, `.missing` (the bucket is gone), `.damaged` (bytes
    ///   that never match their checksum), `.disk`, and whatever `checkStop` or `outcome` throws.
    public func fetch(
        _ requests: [DownloadRequest], from source: any ObjectSource,
        checkStop: () throws(Fault) -> Void,
        outcome: (_ index: Int, DownloadOutcome) throws(Fault) -> Void
    ) throws(Fault) {
        let mailbox = try Mailbox<FetchRun.Event>()
        mailbox.post(.more(requests))
        mailbox.post(.noMore)
        try FetchRun(mailbox, source, engine, pool, options).perform(checkStop: checkStop, outcome: outcome)
    }

    /// Brings objects on a thread of its own, while the caller does other things.
    ///
    /// - Throws: `.retryLater` if the process has no descriptor left.
    public func stream(from source: any ObjectSource) throws(Fault) -> DownloadStream {
        let (requests, results) = (try Mailbox<FetchRun.Event>(), try Mailbox<DownloadStream.Result>())
        let stop = StopFlag()
        let thread = WorkerThread { [engine, pool, options] in
            do throws(Fault) {
                try FetchRun(requests, source, engine, pool, options).perform {
                    () throws(Fault) in
                    if stop.isSet { throw Fault(.retryLater, "stopped") }
                } outcome: { (index, outcome) in
                    results.post(.success((index, outcome)))
                }
            } catch {
                results.post(.failure(error))
            }
        }
        return DownloadStream(requests, results, stop, thread)
    }
}
