internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// Answers that are ready to be sent, until the database changes.
///
/// What is kept for one generation is dropped as a whole when the next one begins, so nothing old is ever given out; and when
/// it would take more than ``mostBytes``, it is dropped too.
package final class AnswerCache: Sendable {
    /// An answer as it goes out: head and body.
    package struct Ready: Sendable {
        let headers: HTTPFields
        let body: ByteBuffer
        /// What it is known by; `nil` if nobody may keep it.
        let tag: String?
    }

    /// What an answer was made from: the database's state, and for those that depend on the time, the moment.
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

    /// An answer in the making.
    private struct Underway {
        /// Tells it from a later one to the same question.
        let number: Int
        let task: Task<Result<Ready, Problem>, Never>
        /// How many wait for it.
        var askers = 0
    }

    /// The generation of answers that are not kept: older than all others.
    static let unknownGeneration = -1

    private let mostBytes: Int
    private let state = Mutex(State())

    package init(mostBytes: Int) { self.mostBytes = mostBytes }

    /// The answer to a target made from a stamp, if it is there.
    package func find(_ target: String, _ stamp: Stamp) -> Ready? {
        state.withLock { state in
            guard let found = state.kept[target], found.stamp == stamp else { return nil }
            state.hits += 1
            return found.ready
        }
    }

    /// Makes an answer, and keeps it if it has a tag. Whoever asks for the same meanwhile waits for this one: a thousand open pages that hear
    /// of a new version ask the database once. When all of them have gone, the work is cancelled.
    package func make(
        _ target: String, _ stamp: Stamp, for client: ClientPresence,
        _ work: @escaping @Sendable () async throws(Problem) -> Ready
    ) async throws(Problem) -> Ready {
        let asked = Asked(target: target, stamp: stamp)
        let underway = join(asked, work)
        return try await client.wait {
            await underway.task.value
        } onLeaving: {
            self.leave(asked, underway.number)
        }.get()
    }

    private func join(
        _ asked: Asked, _ work: @escaping @Sendable () async throws(Problem) -> Ready
    ) -> Underway {
        state.withLock { state in
            var underway = state.underway[asked] ?? begin(asked, &state, work)
            underway.askers += 1
            state.underway[asked] = underway
            return underway
        }
    }

    private func begin(
        _ asked: Asked, _ state: inout State, _ work: @escaping @Sendable () async throws(Problem) -> Ready
    ) -> Underway {
        state.misses += 1
        let number = state.misses
        let task = Task<Result<Ready, Problem>, Never> {
            let result: Result<Ready, Problem>
            do throws(Problem) { result = .success(try await work()) } catch { result = .failure(error) }
            self.finish(asked, number, result)
            return result
        }
        return Underway(number: number, task: task)
    }

    /// One who waited no longer does. Who asks after the last one has left, asks anew.
    private func leave(_ asked: Asked, _ number: Int) {
        let abandoned = state.withLock { state -> Underway? in
            guard var underway = state.underway[asked], underway.number == number else { return nil }
            underway.askers -= 1
            state.underway[asked] = underway.askers > 0 ? underway : nil
            return underway.askers > 0 ? nil : underway
        }
        abandoned?.task.cancel()
    }

    private func finish(_ asked: Asked, _ number: Int, _ result: Result<Ready, Problem>) {
        state.withLock { state in
            if state.underway[asked]?.number == number { state.underway[asked] = nil }
            guard case .success(let ready) = result, ready.tag != nil, asked.stamp.generation >= state.generation
            else { return }
            // What an entry takes beside its body: the strings and the headers.
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

    /// How often an answer was there, how often not, the bytes that the answers take, and how many wait for one.
    package var figures: (hits: Int, misses: Int, bytes: Int, waiting: Int) {
        state.withLock { ($0.hits, $0.misses, $0.bytes, $0.underway.values.reduce(0) { $0 + $1.askers }) }
    }
}
