internal import Durable
internal import Fault
internal import ObjectSources
internal import Transfer

/// Runs downloads: starts transfers and jobs, and keeps timers. What to do for each object is decided by its
/// ``ObjectDownload``. Runs on one thread; its mailbox accepts requests from any.
final class DownloadLoop {
    enum Event: Sendable {
        /// Download these too; they are counted on from the earlier ones.
        case more([DownloadRequest])
        /// There will be no more requests.
        case noMore
        case transfer(Slot, TransferResult)
        case job(download: Int, LocalResult)
    }

    /// A piece of an object.
    struct Slot: Hashable, Sendable {
        let download: Int
        let piece: Int
    }

    private var requests: [DownloadRequest] = []
    private var expectsMore = true
    private let source: any ObjectSource
    private let engine: TransferEngine
    private let pool: HashingThreads
    private let options: DownloadOptions
    private let mailbox: Mailbox<Event>
    private let stop = Cancellation()

    private var downloads: [Int: ObjectDownload] = [:]
    private var admitted = 0
    private var settled = 0
    /// The first object, in request order, that cannot be downloaded, and why. All earlier ones are still downloaded,
    /// so that a caller that waits only for those gets them.
    private var failed: (index: Int, fault: Fault)?
    private var ready: [Slot] = []
    private var timers: [(at: Double, slot: Slot)] = []
    private var running: [Slot: TransferID] = [:]
    private var jobs = 0
    private let waiting = WaitingBodies()
    /// Files of abandoned objects, which their transfers may still be writing.
    private var abandoned: [String] = []

    init(
        _ mailbox: Mailbox<Event>, _ source: any ObjectSource, _ engine: TransferEngine, _ pool: HashingThreads,
        _ options: DownloadOptions
    ) {
        self.source = source
        self.engine = engine
        self.pool = pool
        self.options = options
        self.mailbox = mailbox
    }

    /// Runs until there are no more requests and every object has an outcome, or every object before one that ends the
    /// run.
    func perform(
        checkStop: () throws(Fault) -> Void, outcome: (Int, DownloadOutcome) throws(Fault) -> Void
    ) throws(Fault) {
        do throws(Fault) {
            while expectsMore || settled < requests.count {
                try checkStop()
                if let failed, downloads.isEmpty { throw failed.fault }
                try admit(outcome)
                fireTimers()
                launch()
                let events = mailbox.take(waiting: secondsToWait)
                // Count all of them first: if following one throws, abandoning must not wait for the others.
                for event in events { countEnded(event) }
                for event in events {
                    switch event {
                    case .more(let more): requests += more
                    case .noMore: expectsMore = false
                    case .transfer(let slot, let result):
                        guard let download = downloads[slot.download] else { continue }
                        try follow(download.transferEnded(slot.piece, result), download, outcome)
                    case .job(let index, let result):
                        guard let download = downloads[index] else { continue }
                        try follow(download.jobEnded(result), download, outcome)
                    }
                }
            }
        } catch {
            abandon()
            throw error
        }
    }

    // MARK: - Steps

    /// Admits further objects while there is work for fewer transfers than may be in flight. Objects waiting for a
    /// retry or a hasher do not hold up others, but their number is limited: each has an open file.
    private func admit(_ outcome: (Int, DownloadOutcome) throws(Fault) -> Void) throws(Fault) {
        while admitted < failed?.index ?? requests.count, running.count + ready.count + jobs < options.inFlight,
            downloads.count < 2 * options.inFlight
        {
            let request = requests[admitted]
            let download = ObjectDownload(admitted, request, source.routes(to: request.entry), options)
            downloads[admitted] = download
            admitted += 1
            try follow(download.begin(), download, outcome)
        }
    }

    private func follow(
        _ steps: [ObjectDownload.Step], _ download: ObjectDownload,
        _ outcome: (Int, DownloadOutcome) throws(Fault) -> Void
    ) throws(Fault) {
        for step in steps {
            switch step {
            case .transfer(let piece): ready.append(Slot(download: download.index, piece: piece))
            case .transferLater(let piece, let at):
                timers.append((at, Slot(download: download.index, piece: piece)))
            case .withdraw: withdraw(download.index)
            case .job(let job):
                let (mailbox, index, stop) = (mailbox, download.index, stop)
                jobs += 1
                pool.run { mailbox.post(.job(download: index, job(stop))) }
            case .write(let body):
                let (mailbox, waiting) = (mailbox, waiting)
                jobs += 1
                waiting.add(body, of: download.index)
                pool.run {
                    let several = waiting.takeSeveral()
                    for (one, result) in zip(several, LocalJob.write(several.map(\.body))) {
                        mailbox.post(.job(download: one.download, result))
                    }
                }
            case .flush(let file, let from, let count):
                // Nothing waits for it.
                pool.run { file.startWriting(from: from, count: count) }
            case .settle(let end):
                downloads[download.index] = nil
                settled += 1
                switch end {
                case .fetched: break
                case .vanished, .withheld: try Folders.remove(download.request.path)
                }
                try outcome(download.index, end)
            case .fail(let fault): try fail(download.index, fault)
            }
        }
    }

    /// Abandons an object and all later ones.
    private func fail(_ index: Int, _ fault: Fault) throws(Fault) {
        // Other objects would fail too.
        if fault.kind == .disk { throw fault }
        failed = (index, fault)
        for given in downloads.keys where given >= index {
            withdraw(given)
            // Its end is still counted, but has no effect.
            if let path = downloads.removeValue(forKey: given)?.request.path { abandoned.append(path) }
        }
    }

    private func countEnded(_ event: Event) {
        switch event {
        case .transfer(let slot, _): running[slot] = nil
        case .job: jobs -= 1
        case .more, .noMore: break
        }
    }

    /// Drops the waiting pieces of an object that starts over, and cancels the running ones.
    private func withdraw(_ index: Int) {
        ready.removeAll { $0.download == index }
        timers.removeAll { $0.slot.download == index }
        for (slot, id) in running where slot.download == index { engine.cancel(id) }
    }

    private func fireTimers() {
        guard !timers.isEmpty else { return }
        let now = options.time.monotonic()
        ready.append(contentsOf: timers.filter { $0.at <= now }.map(\.slot))
        timers.removeAll { $0.at <= now }
    }

    private func launch() {
        var launched = 0
        while running.count < options.inFlight, launched < ready.count {
            let slot = ready[launched]
            launched += 1
            guard let download = downloads[slot.download], let (request, destination) = download.transfer(slot.piece)
            else { continue }
            let mailbox = mailbox
            running[slot] = engine.start(request, into: destination) { mailbox.post(.transfer(slot, $0)) }
        }
        ready.removeFirst(launched)
    }

    private var secondsToWait: Double {
        let next = timers.map(\.at).min().map { max(0, $0 - options.time.monotonic()) } ?? 0.2
        return min(0.2, next)
    }

    // MARK: - The end before the end

    /// Waits until nothing is written any more, and removes unfinished files.
    private func abandon() {
        stop.request()
        for id in running.values { engine.cancel(id) }
        while !running.isEmpty || jobs > 0 {
            for event in mailbox.take(waiting: 1) { countEnded(event) }
        }
        for path in abandoned + downloads.values.map(\.request.path) {
            // The original fault is the one to report; a file that cannot be removed still has a temporary name.
            try? Folders.remove(path)
        }
    }
}
