internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// Answers ready to be sent, until the database changes.
///
/// All answers of one generation are dropped together when the next one begins, so an outdated answer is never sent;
/// they are also dropped when they would take more than ``mostBytes``.
package final class AnswerCache: Sendable {
    /// An answer as it is sent: head and body.
    package struct Ready: Sendable {
        let headers: HTTPFields
        let body: ByteBuffer
        /// Its entity tag; `nil` if it may not be cached.
        let tag: String?
    }

    /// What an answer depends on: the database's state and, if it depends on the time, the moment.
    package struct Stamp: Hashable, Sendable {
        let generation: Int
        let moment: Int

        package init(generation: Int, moment: Int = 0) { (self.generation, self.moment) = (generation, moment) }
    }

    private struct State {
        var generation = 0
        var kept: [String: (stamp: Stamp, ready: Ready)] = [:]
        var bytes = 0
        var underway: [Asked: Underway] = [:]
        var hits = 0
        var misses = 0
    }

    private struct Asked: Hashable {
        let target: String
        let stamp: Stamp
    }

    /// An answer being made.
    private struct Underway {
        /// Distinguishes it from a later one to the same question.
        let number: Int
        let task: Task<Result<Ready, HTTPProblem>, Never>
        /// The number of requests waiting for it.
        var askers = 0
    }

    /// The generation of answers that are not kept: older than all others.
    static let unknownGeneration = -1

    private let mostBytes: Int
    private let state = Mutex(State())

    package init(mostBytes: Int) { self.mostBytes = mostBytes }

    /// The cached answer to a target for a stamp, if there is one.
    package func find(_ target: String, _ stamp: Stamp) -> Ready? {
        state.withLock { state in
            guard let found = state.kept[target], found.stamp == stamp else { return nil }
            state.hits += 1
            return found.ready
        }
    }

    /// Makes an answer, and keeps it if it has a tag. Concurrent requests for the same answer share it: a thousand open
    /// pages that are notified of a new version query the database once. When all of them have gone, the work is
    /// cancelled.
    package func make(
        _ target: String, _ stamp: Stamp, for client: ClientPresence,
        _ work: @escaping @Sendable () async throws(HTTPProblem) -> Ready
    ) async throws(HTTPProblem) -> Ready {
        let asked = Asked(target: target, stamp: stamp)
        let underway = join(asked, work)
        return try await client.wait {
            await underway.task.value
        } onLeaving: {
            self.leave(asked, underway.number)
        }.get()
    }

    private func join(
        _ asked: Asked, _ work: @escaping @Sendable () async throws(HTTPProblem) -> Ready
    ) -> Underway {
        state.withLock { state in
            var underway = state.underway[asked] ?? begin(asked, &state, work)
            underway.askers += 1
            state.underway[asked] = underway
            return underway
        }
    }

    private func begin(
        _ asked: Asked, _ state: inout State, _ work: @escaping @Sendable () async throws(HTTPProblem) -> Ready
    ) -> Underway {
        state.misses += 1
        let number = state.misses
        let task = Task<Result<Ready, HTTPProblem>, Never> {
            let result: Result<Ready, HTTPProblem>
            do throws(HTTPProblem) { result = .success(try await work()) } catch { result = .failure(error) }
            self.finish(asked, number, result)
            return result
        }
        return Underway(number: number, task: task)
    }

    /// Removes a waiting request. A request that arrives after the last one has left starts over.
    private func leave(_ asked: Asked, _ number: Int) {
        let abandoned = state.withLock { state -> Underway? in
            guard var underway = state.underway[asked], underway.number == number else { return nil }
            underway.askers -= 1
            state.underway[asked] = underway.askers > 0 ? underway : nil
            return underway.askers > 0 ? nil : underway
        }
        abandoned?.task.cancel()
    }

    private func finish(_ asked: Asked, _ number: Int, _ result: Result<Ready, HTTPProblem>) {
        state.withLock { state in
            if state.underway[asked]?.number == number { state.underway[asked] = nil }
            guard case .success(let ready) = result, ready.tag != nil, asked.stamp.generation >= state.generation
            else { return }
            // What an entry takes besides its body: the strings and the headers.
            let bytes = ready.body.readableBytes + asked.target.utf8.count + 2048
            guard bytes <= mostBytes / 4 else { return }
            if asked.stamp.generation > state.generation || state.bytes + bytes > mostBytes {
                state.kept.removeAll()
                state.bytes = 0
            }
            state.generation = asked.stamp.generation
            if let old = state.kept.updateValue((asked.stamp, ready), forKey: asked.target) {
                state.bytes -= old.ready.body.readableBytes + asked.target.utf8.count + 2048
            }
            state.bytes += bytes
        }
    }

    /// Cache hits and misses, the size of the answers in bytes, and the number of waiting requests.
    package var figures: (hits: Int, misses: Int, bytes: Int, waiting: Int) {
        state.withLock { ($0.hits, $0.misses, $0.bytes, $0.underway.values.reduce(0) { $0 + $1.askers }) }
    }
}
