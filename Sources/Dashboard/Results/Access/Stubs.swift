internal import Fault
internal import Synchronization

/// A connection that reads, on the thread that uses it.
public final class Reader {
    func checkSchema() throws(Fault) {}
}

struct ReadSource: Sendable {
    let kind: ResultsDatabase.Kind
    let recordedAddress: String
    init(_ url: String, _ options: ResultsOptions) throws(Fault) {
        kind = .sqlite
        recordedAddress = url
    }
}

final class ReaderPool: Sendable {
    init(_ source: ReadSource, threads: Int, waiting: Int) {}
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(Fault) -> Value
    ) async throws(Fault) -> Value { throw Fault(.unavailable, "not yet") }
    func close() {}
}

final class ChangeWatch: Sendable {
    init(_ source: ReadSource) {}
    var generation: Int? { nil }
    func subscribe() -> AsyncStream<ResultsChange> { AsyncStream { $0.finish() } }
    func close() {}
}
