public import Fault
internal import Synchronization
internal import Transfer
internal import Workers

/// Downloads that continue on a thread of their own while the caller processes results; made by
/// ``Downloader/stream(from:)``.
///
/// Releasing it cancels every transfer and removes every file that has no outcome yet.
public final class DownloadStream: Sendable {
    typealias Result = Swift.Result<(index: Int, outcome: DownloadOutcome), Fault>

    private let requests: Mailbox<DownloadLoop.Event>
    private let results: Mailbox<Result>
    private let stop: Cancellation
    private let thread: WorkerThread
    /// The error that ended the downloads, while earlier outcomes are still to be reported, and afterwards.
    private let ended = Mutex<Fault?>(nil)

    init(
        _ requests: Mailbox<DownloadLoop.Event>, _ results: Mailbox<Result>, _ stop: Cancellation,
        _ thread: WorkerThread
    ) {
        self.requests = requests
        self.results = results
        self.stop = stop
        self.thread = thread
    }

    deinit {
        stop.request()
        requests.post(.noMore)
        thread.join()
    }

    /// Requests further objects; they are counted from 0 and started in the order of the requests.
    public func add(_ more: [DownloadRequest]) { requests.post(.more(more)) }

    /// Waits briefly for outcomes, which arrive in no particular order; empty if there were none.
    ///
    /// - Throws: as ``Downloader/fetch(_:from:checkStop:outcome:)``, after all earlier outcomes; everything has been
    ///   stopped by then.
    public func outcomes() throws(Fault) -> [(index: Int, outcome: DownloadOutcome)] {
        if let fault = ended.withLock({ $0 }) { throw fault }
        var outcomes: [(index: Int, outcome: DownloadOutcome)] = []
        for result in results.take(waiting: 0.2) {
            switch result {
            case .success(let outcome): outcomes.append(outcome)
            case .failure(let fault):
                ended.withLock { $0 = fault }
                if outcomes.isEmpty { throw fault }
            }
        }
        return outcomes
    }
}
