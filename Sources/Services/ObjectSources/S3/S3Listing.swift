internal import Transfer

/// One page of ListObjectsV2.
package struct S3Listing {
    package struct Object {
        package let key: [UInt8]
        package let size: Int64
        package let etag: String?
        package let lastModified: String?
        /// The storage class, if it is given.
        package let storageClass: String?
    }

    package private(set) var objects: [Object] = []
    package private(set) var isTruncated = false
    package private(set) var nextToken: String?

    /// Parses a page. Strict, because what is misread here is missing from a night.
    ///
    /// - Throws: if this is not a listing, or lacks what every listing has.
    package init(parsing bytes: [UInt8]) throws(XMLError) {
        var reader = XMLReader(bytes)
        var path: [String] = []
        var text = ""
        var fields: [String: String] = [:]
        var keysAreEncoded = false
        var saysWhetherTruncated = false
        var found: [[String: String]] = []
        while let event = try reader.next() {
            switch event {
            case .start(let name):
                path.append(name)
                guard path[0] == "ListBucketResult" else { throw XMLError(description: "no listing but <\(path[0])>") }
                text = ""
                if path.count == 2 { fields = [:] }
            case .text(let more): text += more
            case .end(let name):
                switch (path.count, name) {
                case (2, "Contents"): found.append(fields)
                case (2, "IsTruncated"):
                    guard text == "true" || text == "false" else {
                        throw XMLError(description: "IsTruncated is '\(text)'")
                    }
                    isTruncated = text == "true"
                    saysWhetherTruncated = true
                case (2, "NextContinuationToken"): nextToken = text
                case (2, "EncodingType"): keysAreEncoded = text == "url"
                case (3, _) where path[1] == "Contents": fields[name] = text
                default: break
                }
                path.removeLast()
                text = ""
            }
        }
        guard saysWhetherTruncated else { throw XMLError(description: "IsTruncated is missing") }
        guard !isTruncated || nextToken?.isEmpty == false else {
            throw XMLError(description: "the listing goes on, but gives no continuation token")
        }
        for fields in found { objects.append(try Object(fields, keyIsEncoded: keysAreEncoded)) }
    }
}

extension S3Listing.Object {
    fileprivate init(_ fields: [String: String], keyIsEncoded: Bool) throws(XMLError) {
        guard let written = fields["Key"] else { throw XMLError(description: "an object has no key") }
        // Servers that encode like forms may write a space as "+"; a plus itself is always "%2B".
        let decoded = keyIsEncoded ? CanonicalURL.decode(written, plusIsSpace: true) : Array(written.utf8)
        guard let decoded else { throw XMLError(description: "the key '\(written)' is not percent-encoded") }
        guard let size = fields["Size"].flatMap({ Int64($0) }), size >= 0 else {
            throw XMLError(description: "the object '\(written)' has no size")
        }
        key = decoded
        self.size = size
        etag = fields["ETag"].map(unquotedTag)
        lastModified = fields["LastModified"].flatMap(wholeSeconds)
        storageClass = fields["StorageClass"].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// `2026-11-19T22:04:11.000Z` as `2026-11-19T22:04:11Z`; `nil` for anything that is not such a time.
func wholeSeconds(_ time: String) -> String? {
    let pattern = Array("dddd-dd-ddTdd:dd:dd".utf8)
    let bytes = Array(time.utf8)
    guard bytes.count > pattern.count, bytes.last == UInt8(ascii: "Z") else { return nil }
    for (byte, wanted) in zip(bytes, pattern) {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        guard wanted == UInt8(ascii: "d") ? isDigit : byte == wanted else { return nil }
    }
    return String(decoding: bytes[..<pattern.count], as: UTF8.self) + "Z"
}
