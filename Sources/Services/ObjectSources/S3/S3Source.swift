internal import Fault
internal import Transfer

/// A prefix of a bucket.
struct S3Source: ObjectSource {
    let location: S3Location
    let signing: SigV4?
    let settings: SourceSettings
    let client: PatientClient

    init(_ url: String, settings: SourceSettings, client: PatientClient) throws(Fault) {
        let aws = try AWSSettings(environment: settings.environment)
        let region = settings.region ?? aws.region ?? "us-east-1"
        location = try S3Location(
            url, endpoint: settings.endpoint ?? aws.endpoint, region: region, addressing: settings.addressing)
        signing = try settings.signer(aws, region: region, service: "s3", for: "'\(location.origin)'")
        self.settings = settings
        self.client = client
    }

    var origin: String { location.origin }

    var addresses: [String] {
        ["s3", "s3a", "s3n"].map { "\($0)://\(location.bucket)/\(location.prefix)" }
            + (location.prefix.isEmpty ? [] : [location.prefix])
    }

    func list(
        checkStop: () throws(Fault) -> Void, _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault) {
        var token: String?
        repeat {
            let url = location.listingURL(pageSize: settings.pageSize, token: token)
            let page = try client.get(
                request(url), atMost: 64 << 20, dialect: dialect, subject: "the listing of '\(origin)'",
                checkStop: checkStop
            ) { response throws(UnusableAnswer) in
                do throws(XMLError) {
                    return try S3Listing(parsing: response.body)
                } catch {
                    throw UnusableAnswer(description: "the answer is not a listing: \(error)")
                }
            }
            if page.isTruncated, page.nextToken == token {
                throw Fault(.unavailable, "the listing of '\(origin)' never ends: the same token came twice")
            }
            try visit(page.objects.compactMap(entry))
            token = page.isTruncated ? page.nextToken : nil
        } while token != nil
    }

    func routes(to entry: ObjectEntry) -> [ObjectRoute] { [route(toKey: entry.key)] }

    func route(toKey key: String) -> ObjectRoute { route(toWholeKey: Array((location.prefix + key).utf8)) }

    private func route(toWholeKey key: [UInt8]) -> ObjectRoute {
        var request = request(location.url(ofKey: key))
        // Stores send unsigned checksums only on request.
        request.headers.append(HTTPHeader("x-amz-checksum-mode", "ENABLED"))
        return ObjectRoute(name: "s3://\(location.bucket)/\(KeyRules.text(key))", way: .http(request, dialect))
    }

    private var dialect: StoreDialect { .s3(etagIsMD5: settings.etagIsMD5) }

    private func request(_ url: String) -> HTTPRequest {
        var request = HTTPRequest(url: url)
        request.signing = signing
        request.timeouts = settings.timeouts
        if settings.requesterPays { request.headers.append(HTTPHeader("x-amz-request-payer", "requester")) }
        return request
    }

    func meaning(of object: NoticedObject) -> NoticedEntry {
        guard object.bucket == location.bucket, object.key.starts(with: location.prefix.utf8) else { return .foreign }
        guard object.key.count > location.prefix.utf8.count else { return .nothing }
        return entry(object.key, size: object.size, etag: object.etag, lastModified: nil).map(NoticedEntry.entry)
            ?? .nothing
    }

    private func entry(_ object: S3Listing.Object) -> ObjectEntry? {
        entry(
            object.key, size: object.size, etag: object.etag, lastModified: object.lastModified,
            storageClass: object.storageClass == "STANDARD" ? nil : object.storageClass)
    }

    /// `nil` for the empty objects that consoles use as folders.
    private func entry(
        _ key: [UInt8], size: Int64?, etag: String?, lastModified: String?, storageClass: String? = nil
    ) -> ObjectEntry? {
        if size == 0, key.last == UInt8(ascii: "/") { return nil }
        let prefix = Array(location.prefix.utf8)
        let isInside = key.starts(with: prefix) && key.count > prefix.count
        let relative = isInside ? key[prefix.count...] : key[...]
        return ObjectEntry(
            key: KeyRules.text(relative),
            problem: isInside
                ? KeyRules.problem(with: relative)
                : KeyProblem("the listing returned a key that is not under the prefix"),
            size: size, etag: etag, lastModified: lastModified, storageClass: storageClass)
    }
}
