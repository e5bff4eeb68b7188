public import Fault
public import ObjectSources
public import Transfer
internal import Workers

/// Downloads many objects at once, each complete, verified, and never a mixture of two versions.
public final class Downloader: Sendable {
    private let engine: TransferEngine
    private let options: DownloadOptions
    private let pool: HashingThreads

    /// Makes a downloader that shares an engine's connections.
    public init(engine: TransferEngine, options: DownloadOptions) {
        self.engine = engine
        self.options = options
        pool = HashingThreads(threads: options.hashers)
    }

    /// Downloads objects into files and reports each outcome on the calling thread, in no particular order.
    ///
    /// Returns when every request has an outcome. An object that cannot be downloaded ends the run once all earlier
    /// objects have theirs; a full disk or a stop ends it at once. Every transfer is then cancelled, and every file
    /// without an outcome is removed.
    ///
    /// - Parameter checkStop: called at least five times a second; anything it throws stops everything.
    /// - Throws: `.unavailable` when retries are exhausted, `.denied` (the credentials are wrong), `.missing` (the bucket is gone), `.damaged` (the
    ///   bytes never match their checksum), `.disk`, and whatever `checkStop` or `outcome` throws.
    public func fetch(
        _ requests: [DownloadRequest], from source: any ObjectSource,
        checkStop: () throws(Fault) -> Void,
        outcome: (_ index: Int, DownloadOutcome) throws(Fault) -> Void
    ) throws(Fault) {
        let mailbox = try Mailbox<DownloadLoop.Event>()
        mailbox.post(.more(requests))
        mailbox.post(.noMore)
        try DownloadLoop(mailbox, source, engine, pool, options).perform(checkStop: checkStop, outcome: outcome)
    }

    /// Downloads objects on a thread of its own while the caller does other work.
    ///
    /// - Throws: `.retryLater` if the process is out of descriptors.
    public func stream(from source: any ObjectSource) throws(Fault) -> DownloadStream {
        let (requests, results) = (try Mailbox<DownloadLoop.Event>(), try Mailbox<DownloadStream.Result>())
        let stop = Cancellation()
        let thread = WorkerThread { [engine, pool, options] in
            do throws(Fault) {
                try DownloadLoop(requests, source, engine, pool, options).perform {
                    () throws(Fault) in
                    if stop.isRequested { throw Fault(.retryLater, "stopped") }
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
