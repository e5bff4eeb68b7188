public import Fault
internal import Synchronization
internal import Transfer
internal import Workers

/// Downloads that go on, on a thread of their own, while their caller settles what has come; made by
/// ``Downloader/stream(from:)``.
///
/// When it is let go, every transfer is cancelled and every file that has no outcome yet is removed.
public final class DownloadStream: Sendable {
    typealias Result = Swift.Result<(index: Int, outcome: DownloadOutcome), Fault>

    private let requests: Mailbox<FetchRun.Event>
    private let results: Mailbox<Result>
    private let stop: StopFlag
    private let thread: WorkerThread
    /// What ended the downloads, while outcomes from before it have not been told, and afterwards.
    private let ended = Mutex<Fault?>(nil)

    init(_ requests: Mailbox<FetchRun.Event>, _ results: Mailbox<Result>, _ stop: StopFlag, _ thread: WorkerThread) {
        self.requests = requests
        self.results = results
        self.stop = stop
        self.thread = thread
    }

    deinit {
        stop.set()
        requests.post(.noMore)
        thread.join()
    }

    /// Asks for further objects; they are counted from 0 in the order in which they were asked for, and begun in it.
    public func add(_ more: [DownloadRequest]) { requests.post(.more(more)) }

    /// Waits a short while for outcomes, which come in no particular order; empty if there were none.
    ///
    /// - Throws: as ``Downloader/fetch(_:from:checkStop:outcome:)``, after all outcomes from before; everything has been
    ///   stopped then.
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
