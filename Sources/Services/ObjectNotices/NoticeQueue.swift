internal import Digests
public import Fault
internal import JSON
public import ObjectSources
public import Transfer

/// A queue that speaks SQS (the JSON protocol that AWS and compatible services have used since 2023), to which a store
/// sends a message for every object written.
///
/// It is read by long polling, in the background. A message stays in the queue, hidden from other readers, until it is
/// deleted; if it is not deleted, it is delivered again.
public final class NoticeQueue {
    /// A message.
    public struct Message: Sendable {
        /// Identifies the message across deliveries.
        public let id: String
        /// Deletes this delivery of the message.
        public let handle: String
        /// The message's content.
        public let notice: ObjectNotice
    }

    /// The queue's name for messages: its URL without user info or query.
    public let name: String
    private let url: String
    private let root: String
    private let visibleAfter: Int
    private let signing: SigV4?
    private let settings: SourceSettings
    private let engine: TransferEngine
    private let answers: Mailbox<TransferResult>
    private var underWay: TransferID?
    private var retry: RetryState
    private var askAt = 0.0
    private var random = SystemRandomNumberGenerator()

    /// How long a request waits for a message, in seconds: the most that SQS allows.
    private static let longestPoll = 20
    /// The most messages per request that SQS allows.
    private static let most = 10

    /// Prepares to read a queue; connects to nothing yet.
    ///
    /// - Parameters:
    ///   - url: the queue's URL, `https://sqs.eu-central-1.amazonaws.com/123456789012/uploads`.
    ///   - visibleAfter: seconds after which a message that was not deleted is delivered again.
    /// - Throws: `.configuration` if the URL is not valid, `.denied` if there are no credentials.
    public init(
        _ url: String, visibleAfter: Double, settings: SourceSettings, engine: TransferEngine
    ) throws(Fault) {
        let parts = URLReference(url)
        guard let scheme = parts.scheme, let authority = parts.authority, parts.path.utf8.count > 1 else {
            throw Fault(.configuration, "'\(publicURL(url))' is not a queue's URL: expected https://HOST/ACCOUNT/NAME")
        }
        let aws = try AWSSettings(environment: settings.environment)
        // AWS's own hosts name the region: sqs.REGION.amazonaws.com.
        let labels = authority.split(separator: ".")
        let named = authority.contains(".amazonaws.com") && labels.count > 2 ? String(labels[1]) : nil
        signing = try settings.signer(aws, region: named, service: "sqs", for: "the queue '\(publicURL(url))'")
        self.url = url
        name = publicURL(url)
        root = "\(scheme)://\(authority)/"
        self.visibleAfter = Int(min(max(visibleAfter, 30), 43_200))
        self.settings = settings
        self.engine = engine
        answers = try Mailbox()
        retry = RetryState(settings.retry, now: settings.time.monotonic())
    }

    deinit { if let underWay { engine.cancel(underWay) } }

    /// The messages that have arrived since the last call, without waiting.
    ///
    /// - Throws: `.missing` if there is no such queue, `.denied`, `.unavailable` when retries are exhausted.
    public func news() throws(Fault) -> [Message] {
        let now = settings.time.monotonic()
        var messages: [Message] = []
        if underWay != nil {
            guard let result = answers.take(waiting: 0).first else { return [] }
            underWay = nil
            switch try answer(result) {
            case .success(let answer):
                retry = RetryState(settings.retry, now: now)
                messages = (answer["Messages"]?.array ?? []).compactMap(Self.message)
                // A queue that does not wait itself must not be polled without pause.
                askAt = messages.isEmpty ? now + 1 : now
            case .failure(let trouble):
                switch retry.decide(now: now, retryAfter: trouble.after, using: &random) {
                case .retry(let at): askAt = at
                case .giveUp(let exhausted):
                    throw Fault(.unavailable, "the queue '\(name)': \(trouble.reason); gave up after \(exhausted)")
                }
            }
        }
        if now >= askAt {
            let answers = answers
            underWay = engine.start(
                request(
                    "ReceiveMessage",
                    [
                        "QueueUrl": .string(url), "MaxNumberOfMessages": .int(Int64(Self.most)),
                        "WaitTimeSeconds": .int(Int64(Self.longestPoll)),
                        "VisibilityTimeout": .int(Int64(visibleAfter)),
                    ]), into: .memory(limit: 16 << 20)
            ) { answers.post($0) }
        }
        return messages
    }

    /// Deletes messages permanently.
    ///
    /// - Returns: how many the queue did not delete; they will be delivered again.
    /// - Throws: like ``news()``, and what `checkStop` throws.
    public func delete(_ handles: [String], checkStop: () throws(Fault) -> Void) throws(Fault) -> Int {
        let client = PatientClient(engine: engine, retry: settings.retry, time: settings.time)
        var kept = 0
        for start in stride(from: 0, to: handles.count, by: Self.most) {
            let some = handles[start..<min(start + Self.most, handles.count)]
            let entries = some.enumerated().map { place, handle -> JSON in
                .object(["Id": .string(String(place)), "ReceiptHandle": .string(handle)])
            }
            let answer = try client.get(
                request("DeleteMessageBatch", ["QueueUrl": .string(url), "Entries": .array(entries)]),
                atMost: 1 << 20, dialect: .web, subject: "the queue '\(name)'", checkStop: checkStop
            ) { response throws(UnusableAnswer) in try Self.object(response) }
            kept += answer["Failed"]?.array?.count ?? 0
        }
        return kept
    }

    // MARK: - The protocol

    private struct Trouble: Error {
        let reason: String
        let after: Double?
    }

    private func request(_ action: String, _ body: JSONObject) -> HTTPRequest {
        let bytes = JSON.object(body).bytes(.line)
        var request = HTTPRequest(url: root)
        request.method = .post(bytes)
        request.bodySHA256 = Digest(of: bytes).hex
        request.headers = [
            HTTPHeader("content-type", "application/x-amz-json-1.0"), HTTPHeader("x-amz-target", "AmazonSQS.\(action)"),
        ]
        request.signing = signing
        request.timeouts = settings.timeouts
        // No byte arrives while the queue waits for a message.
        request.timeouts.stallSeconds = Self.longestPoll + max(10, settings.timeouts.stallSeconds)
        return request
    }

    private func answer(_ result: TransferResult) throws(Fault) -> Result<JSONObject, Trouble> {
        if case .success(let response) = result, response.head.status == 400,
            let kind = try? Self.object(response)["__type"]?.string
        {
            let code = kind.split(whereSeparator: { $0 == "#" || $0 == "." }).last.map(String.init) ?? kind
            let said = "the queue '\(name)' answers \(code)"
            switch code {
            case "QueueDoesNotExist", "NonExistentQueue": throw Fault(.missing, said)
            case "RequestThrottled", "ThrottlingException", "OverLimit", "InternalError":
                return .failure(Trouble(reason: said, after: nil))
            case "AccessDenied", "AccessDeniedException", "ExpiredTokenException", "IncompleteSignature",
                "InvalidSecurity", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException":
                throw Fault(.denied, "\(said); check the credentials and their rights")
            default: throw Fault(.unavailable, said)
            }
        }
        switch StoreDialect.web.answer(result, now: settings.time.wall()) {
        case .good(let response):
            do throws(UnusableAnswer) { return .success(try Self.object(response)) } catch {
                return .failure(Trouble(reason: error.description, after: nil))
            }
        case .tryAgain(let reason, let after): return .failure(Trouble(reason: reason, after: after))
        case .gone: throw Fault(.missing, "the queue '\(name)' does not exist")
        case .withheld(let why): throw why.fault.within("the queue '\(name)'")
        case .refused(let fault): throw fault.within("the queue '\(name)'")
        case .replaced, .noRanges, .underWay:
            return .failure(Trouble(reason: "the server sent an unexpected response", after: nil))
        }
    }

    private static func object(_ response: HTTPResponse) throws(UnusableAnswer) -> JSONObject {
        // A response without content may be empty.
        if response.body.isEmpty { return [:] }
        guard let object = try? JSON(parsing: response.body).object else {
            throw UnusableAnswer(description: "the answer is not a JSON object")
        }
        return object
    }

    private static func message(_ json: JSON) -> Message? {
        guard let id = json["MessageId"]?.string, let handle = json["ReceiptHandle"]?.string else { return nil }
        return Message(id: id, handle: handle, notice: ObjectNotice(parsing: json["Body"]?.string ?? ""))
    }
}
