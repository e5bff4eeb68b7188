package import Fault
package import Transfer

/// Makes small requests one after the other, each retried until it is answered: the basis of listings.
package struct PatientClient: Sendable {
    let engine: TransferEngine
    let retry: RetryPolicy
    let time: TimeSource

    /// A client that shares an engine's connections.
    package init(engine: TransferEngine, retry: RetryPolicy, time: TimeSource) {
        self.engine = engine
        self.retry = retry
        self.time = time
    }

    /// Reads a body into memory.
    ///
    /// - Parameters:
    ///   - subject: what is requested, for messages.
    ///   - read: parses a successful response; an error it throws counts as a bad answer and is retried, because
    ///     proxies and failing
    ///     servers answer 200 with pages of their own.
    /// - Throws: `.missing` for 404, `.denied`, `.unavailable` when the attempts are exhausted; what `checkStop` throws.
    package func get<Value>(
        _ request: HTTPRequest, atMost limit: Int, dialect: StoreDialect, subject: String,
        checkStop: () throws(Fault) -> Void, read: (HTTPResponse) throws(UnusableAnswer) -> Value
    ) throws(Fault) -> Value {
        let mailbox = try Mailbox<TransferResult>()
        var state = RetryState(retry, now: time.monotonic())
        var random = SystemRandomNumberGenerator()
        while true {
            let id = engine.start(request, into: .memory(limit: limit)) { mailbox.post($0) }
            let result: TransferResult
            do throws(Fault) {
                result = try wait(for: mailbox, checkStop: checkStop)
            } catch {
                engine.cancel(id)
                throw error
            }
            let reason: String
            var after: Double?
            switch dialect.answer(result, now: time.wall()) {
            case .good(let response):
                do throws(UnusableAnswer) { return try read(response) } catch { reason = error.description }
            case .tryAgain(let text, let seconds): (reason, after) = (text, seconds)
            case .gone: throw Fault(.missing, "\(subject) does not exist")
            case .replaced, .noRanges, .underWay:
                throw Fault(.unavailable, "\(subject): the server sent an unexpected response")
            case .withheld(let withholding): throw withholding.fault.within(subject)
            case .refused(let fault): throw fault.within(subject)
            }
            switch state.decide(now: time.monotonic(), retryAfter: after, using: &random) {
            case .giveUp(let exhausted): throw Fault(.unavailable, "\(subject): \(reason); gave up after \(exhausted)")
            case .retry(let at): try sleep(until: at, checkStop: checkStop)
            }
        }
    }

    private func wait(
        for mailbox: Mailbox<TransferResult>, checkStop: () throws(Fault) -> Void
    ) throws(Fault) -> TransferResult {
        while true {
            try checkStop()
            if let result = mailbox.take(waiting: 0.2).first { return result }
        }
    }

    private func sleep(until at: Double, checkStop: () throws(Fault) -> Void) throws(Fault) {
        let nobody = try Mailbox<Never>()
        while true {
            try checkStop()
            let left = at - time.monotonic()
            guard left > 0 else { return }
            _ = nobody.take(waiting: min(left, 0.2))
        }
    }
}

/// A successful response whose body is not what was requested.
package struct UnusableAnswer: Error, CustomStringConvertible {
    /// What is wrong with it.
    package let description: String

    /// Says what is wrong with an answer.
    package init(description: String) { self.description = description }
}
