package import Fault
internal import Transfer

/// Where a bucket's prefix is, and the URLs of its objects.
package struct S3Location: Sendable {
    let bucket: String
    /// Empty, or ending in a slash: a prefix names a folder, so that `2026-11-2` never includes `2026-11-20`.
    package let prefix: String
    /// `https://host` or `https://host/bucket`; a slash and a key are appended to it.
    package let bucketURL: String

    /// Parses `s3://bucket/prefix/`.
    ///
    /// - Throws: `.configuration` if the URL or the endpoint is malformed.
    package init(_ url: String, endpoint: String?, region: String, addressing: S3Addressing?) throws(Fault) {
        let rest = url.dropFirst("s3://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        bucket = String(rest[..<slash])
        guard Self.isBucketName(bucket) else {
            throw Fault(.configuration, "'\(publicURL(url))' names no bucket: expected s3://bucket/prefix/")
        }
        let path = slash == rest.endIndex ? "" : String(rest[rest.index(after: slash)...])
        prefix = path.isEmpty || path.hasSuffix("/") ? path : path + "/"

        let root = try endpoint.map(Self.checkedEndpoint) ?? Self.awsEndpoint(region)
        // A dot in the bucket's name breaks the certificate's wildcard.
        let style = addressing ?? (endpoint != nil || bucket.contains(".") ? .path : .virtualHost)
        switch style {
        case .path: bucketURL = "\(root)/\(bucket)"
        case .virtualHost:
            let parts = URLReference(root)
            bucketURL = "\(parts.scheme ?? "https")://\(bucket).\(parts.authority ?? "")\(parts.path)"
        }
    }

    /// `s3://bucket/prefix/`
    package var origin: String { "s3://\(bucket)/\(prefix)" }

    /// The URL of an object, by its whole key.
    package func url(ofKey key: [UInt8]) -> String { "\(bucketURL)/\(CanonicalURL.path(key))" }

    /// The URL of a page of the listing.
    package func listingURL(pageSize: Int, token: String?) -> String {
        var parameters = [
            (name: "list-type", value: "2"), (name: "encoding-type", value: "url"),
            (name: "max-keys", value: String(pageSize)), (name: "prefix", value: prefix),
        ]
        if let token { parameters.append((name: "continuation-token", value: token)) }
        // Signed as "/" if the bucket is in the host's name.
        let path = bucketURL.hasSuffix("/\(bucket)") ? bucketURL : bucketURL + "/"
        return "\(path)?\(CanonicalURL.query(parameters))"
    }

    private static func isBucketName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { $0.isUnreserved && $0 != UInt8(ascii: "~") }
    }

    private static func awsEndpoint(_ region: String) -> String {
        "https://s3.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
    }

    private static func checkedEndpoint(_ endpoint: String) throws(Fault) -> String {
        let isHTTP = endpoint.hasPrefix("http://") || endpoint.hasPrefix("https://")
        guard isHTTP, !endpoint.contains("@"), !endpoint.contains("?"), !endpoint.contains("#"),
            endpoint.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
        else {
            throw Fault(
                .configuration,
                "the endpoint '\(publicURL(endpoint))' is not of the form http(s)://host[:port]; keys go into the environment"
            )
        }
        return endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
    }
}
