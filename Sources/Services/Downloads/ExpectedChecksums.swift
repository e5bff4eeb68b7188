internal import ObjectSources
internal import Transfer

extension StoreDialect {
    /// The checksums that a whole object's response, or its listing, announces.
    ///
    /// - Parameters:
    ///   - head: the response's head; for a range only the entity tag is used, since other checksums may be the
    ///     range's.
    ///   - isWhole: whether the response was the whole object.
    func expectedChecksums(_ head: HTTPHead, isWhole: Bool) -> [ExpectedChecksum] {
        var expected: [ExpectedChecksum] = []
        if isWhole, let bytes = head["content-md5"].flatMap(base64Bytes), bytes.count == 16 {
            expected.append(ExpectedChecksum(kind: .md5, bytes: bytes, name: "content-md5"))
        }
        guard case .s3(let etagIsMD5) = self else { return expected }
        if etagIsMD5, let etag = head["etag"].map(unquotedTag), let bytes = Self.plainMD5(etag),
            !Self.isReencrypted(head)
        {
            expected.append(ExpectedChecksum(kind: .md5, bytes: bytes, name: "etag-md5"))
        }
        let isComposite = head["x-amz-checksum-type"]?.uppercased() == "COMPOSITE"
        guard isWhole, !isComposite else { return expected }
        for kind in ChecksumKind.allCases {
            // A checksum of checksums ends in "-N", which is not Base64.
            guard let bytes = head["x-amz-checksum-\(kind.rawValue)"].flatMap(base64Bytes), !bytes.isEmpty else {
                continue
            }
            expected.append(ExpectedChecksum(kind: kind, bytes: bytes, name: kind.rawValue))
        }
        return expected
    }

    /// The MD5 in a tag of 32 hex digits; the tag of a multipart upload ends in `-N`.
    static func plainMD5(_ etag: String) -> [UInt8]? { etag.utf8.count == 32 ? hexBytes(etag) : nil }

    /// With keys managed by KMS or the customer, the tag looks like an MD5 but is not one.
    private static func isReencrypted(_ head: HTTPHead) -> Bool {
        head["x-amz-server-side-encryption"]?.lowercased().hasPrefix("aws:kms") == true
            || head["x-amz-server-side-encryption-customer-algorithm"] != nil
    }
}
