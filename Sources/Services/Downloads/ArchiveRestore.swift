internal import Digests
internal import ObjectSources
internal import Transfer

/// The request that a store take an object out of its archive (S3's RestoreObject), so that a later run can fetch it.
struct ArchiveRestore {
    /// How long the restored copy stays: enough for a night that is repeated at the weekend.
    private static let days = 7
    static let longestAnswer = 64 << 10

    /// The request, sent to the object's own address.
    func request(like object: HTTPRequest) -> HTTPRequest {
        let body = Array(
            """
            <RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Days>\(Self.days)</Days>\
            <GlacierJobParameters><Tier>Standard</Tier></GlacierJobParameters></RestoreRequest>
            """.utf8)
        var request = object
        request.url += "?" + CanonicalURL.query([(name: "restore", value: "")])
        request.method = .post(body)
        request.bodySHA256 = Digest(of: body).hex
        request.headers = object.headers.filter { $0.name != "x-amz-checksum-mode" }
        request.headers.append(HTTPHeader("Content-Type", "application/xml"))
        return request
    }

    /// What became of the request, in words; `nil` if it is worth trying again.
    func meaning(of answer: StoreAnswer) -> String? {
        switch answer {
        case .good(let response): response.head.status == 202 ? "a restore is requested" : "its restore is complete"
        case .tryAgain: nil
        case .underWay: "its restore is under way"
        case .withheld(let why): "a restore is not allowed: \(why.message)"
        case .refused(let fault): "a restore cannot be requested: \(fault)"
        case .gone, .replaced, .noRanges: "a restore cannot be requested: the server sent an unexpected response"
        }
    }
}
