internal import Fault
internal import JSON
internal import PostgresClient
internal import Synchronization
internal import Time
internal import Workers

/// Notices what `store` commits, on a thread and a connection of its own: PostgreSQL notifies (`LISTEN`), SQLite is
/// polled (`data_version`).
final class ChangeWatch: Sendable {
    private struct State {
        var generation: Int?
        /// The last generation.
        var newest = 0
        var lost: String? = "not connected yet"
        var subscribers: [Int: AsyncStream<ResultsChange>.Continuation] = [:]
        var nextSubscriber = 0
    }

    private let state = ConditionLocked(State())
    private let closing = CancelFlag()
    private let thread: WorkerThread

    init(_ source: ReadSource) {
        let watcher = Watcher(source: source, closing: closing) { [state] change in Self.publish(change, state) }
        thread = WorkerThread { watcher.run() }
    }

    deinit {
        close()
        thread.join()
    }

    var generation: Int? { state.change { $0.generation } }

    /// Why changes currently go unnoticed; `nil` while they do not.
    var lost: String? { state.change { $0.lost } }

    func subscribe() -> AsyncStream<ResultsChange> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ResultsChange.self, bufferingPolicy: .bufferingNewest(256))
        let number = state.change { state in
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = continuation
            // A subscriber that arrives while the database is away should know.
            if let reason = state.lost { continuation.yield(.lost(reason)) }
            return state.nextSubscriber
        }
        continuation.onTermination = { [state] _ in
            // Released outside the lock: what ends with it may need the lock.
            _ = state.change { $0.subscribers.removeValue(forKey: number) }
        }
        return stream
    }

    func close() {
        closing.raise()
        let subscribers = state.change { state in
            defer { state.subscribers = [:] }
            return state.subscribers.values
        }
        for subscriber in subscribers { subscriber.finish() }
    }

    /// Publishes a change; `nil` stands for a change without an event.
    private static func publish(_ change: ResultsChange?, _ state: ConditionLocked<State>) {
        let subscribers = state.change { state -> [AsyncStream<ResultsChange>.Continuation] in
            switch change {
            case .lost(let reason):
                let wasThere = state.lost == nil
                (state.lost, state.generation) = (reason, nil)
                return wasThere ? Array(state.subscribers.values) : []
            case .back:
                state.lost = nil
            default: break
            }
            state.newest += 1
            state.generation = state.newest
            return Array(state.subscribers.values)
        }
        guard let change else { return }
        for subscriber in subscribers { subscriber.yield(change) }
    }
}

/// The thread's work.
private struct Watcher: Sendable {
    let source: ReadSource
    let closing: CancelFlag
    let publish: @Sendable (ResultsChange?) -> Void

    func run() {
        while !closing.isRaised {
            do throws(Fault) {
                try watch()
            } catch {
                if closing.isRaised { return }
                publish(.lost(error.message))
                pause(source.options.pollSeconds)
            }
        }
    }

    private func watch() throws(Fault) {
        let interruption = Interruption()
        interruption.setJob(closing)
        let open = try source.open(interruption)
        if let postgres = open.postgres {
            try postgres.connection.execute("LISTEN nocturne")
            publish(.back)
            while true {
                for notification in try postgres.connection.notifications(waitingUpTo: 60) {
                    publish(Self.change(notification.payload))
                }
            }
        }
        try poll(open)
    }

    /// The change in a notification; `nil` if it is not from `store`.
    private static func change(_ payload: String) -> ResultsChange? {
        guard let said = try? JSON(parsing: payload), let pipeline = said["pipeline"]?.string,
            let batch = said["batch"]?.string
        else { return nil }
        return .results(pipeline: pipeline, batch: batch)
    }

    private func poll(_ open: OpenReader) throws(Fault) {
        var version = try open.use { (reader) throws(Fault) in try Self.dataVersion(reader) }
        var written = try open.use { (reader) throws(Fault) in try Self.written(reader) }
        publish(.back)
        while !closing.isRaised {
            pause(source.options.pollSeconds)
            guard open.isCurrent else { throw Fault(.unavailable, "the database's file was replaced, or removed") }
            let found = try open.use { (reader) throws(Fault) in try Self.dataVersion(reader) }
            if found == version { continue }
            version = found
            let before = written
            written = try open.use { (reader) throws(Fault) in try Self.written(reader) }
            let changes = written.filter { before[$0.key] != $0.value }
            for (pipeline, last) in changes { publish(.results(pipeline: pipeline, batch: last.batch)) }
            if changes.isEmpty { publish(nil) }
        }
    }

    private static func dataVersion(_ reader: Reader) throws(Fault) -> Int {
        try reader.rows("PRAGMA data_version") { $0[0].int }.first ?? 0
    }

    private struct Written: Equatable {
        let batch: String
        let moment: String
    }

    /// The last batch written for each pipeline, and when.
    private static func written(_ reader: Reader) throws(Fault) -> [String: Written] {
        var written: [String: Written] = [:]
        try reader.forEachRow("SELECT pipeline, batch, updated_at FROM pipelines") { row in
            guard let pipeline = row[0].text, let batch = row[1].text, let moment = row[2].text else { return }
            written[pipeline] = Written(batch: batch, moment: moment)
        }
        return written
    }

    private func pause(_ seconds: Double) {
        var rest = seconds
        while rest > 0, !closing.isRaised {
            MonotonicClock.wait(seconds: min(rest, 0.1))
            rest -= 0.1
        }
    }
}
