internal import Durable
internal import Fault
internal import Transfer

/// Downloads in progress: hands out transfers and jobs, and minds timers. What to do about each object is decided by its
/// ``ObjectDownload``. Lives on one thread; its mailbox takes requests from any.
final class FetchRun {
    enum Event: Sendable {
        /// Bring these as well; they are counted on from those before.
        case more([DownloadRequest])
        /// There will be no more.
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
    private let pool: JobPool
    private let options: DownloadOptions
    private let mailbox: Mailbox<Event>
    private let stop = StopFlag()

    private var downloads: [Int: ObjectDownload] = [:]
    private var admitted = 0
    private var settled = 0
    /// The first object, in the order of the requests, that cannot be brought, and why. Those before it are brought all
    /// the same, so that whoever waits for them alone has them.
    private var failed: (index: Int, fault: Fault)?
    private var ready: [Slot] = []
    private var timers: [(at: Double, slot: Slot)] = []
    private var running: [Slot: TransferID] = [:]
    private var jobs = 0
    private let waiting = WaitingBodies()
    /// Files of objects that were given up; their transfers may still write into them.
    private var abandoned: [String] = []

    init(
        _ mailbox: Mailbox<Event>, _ source: any ObjectSource, _ engine: TransferEngine, _ pool: JobPool,
        _ options: DownloadOptions
    ) {
        self.source = source
        self.engine = engine
        self.pool = pool
        self.options = options
        self.mailbox = mailbox
    }

    /// Goes on until there is no more, and everything has its outcome; or everything before an object that ends the run.
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
                // All of them first: if following one throws, abandoning must not wait for those behind it.
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

    /// Takes in further objects while there is work for fewer transfers than may be in flight. Objects that wait for a
    /// retry or a hasher do not hold the others up, but only so many: each has a file open.
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
                // Nobody waits for it.
                pool.run { file.startWriting(from: from, count: count) }
            case .settle(let end):
                downloads[download.index] = nil
                settled += 1
                if case .vanished = end { try Folders.remove(download.request.path) }
                try outcome(download.index, end)
            case .fail(let fault): try fail(download.index, fault)
            }
        }
    }

    /// Gives up an object, and all that come after it.
    private func fail(_ index: Int, _ fault: Fault) throws(Fault) {
        // Others would fare no better.
        if fault.kind == .disk { throw fault }
        failed = (index, fault)
        for given in downloads.keys where given >= index {
            withdraw(given)
            // Its end is counted, and means nothing any more.
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

    /// Drops what waits, and cancels what runs, of an object that begins again.
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

    /// Waits until nobody writes any more, and removes what is unfinished.
    private func abandon() {
        stop.set()
        for id in running.values { engine.cancel(id) }
        while !running.isEmpty || jobs > 0 {
            for event in mailbox.take(waiting: 1) { countEnded(event) }
        }
        for path in abandoned + downloads.values.map(\.request.path) {
            // The fault that led here is what counts; a file that cannot be removed lies under a temporary name.
            try? Folders.remove(path)
        }
    }
}
