internal import ObjectSources
internal import Time
internal import Transfer

/// What an object's bytes are compared with, and the result.
struct DownloadCheck {
    /// The bytes agree with everything known about them.
    struct Verified {
        let by: [String]
        let changedSinceListing: Bool
        let etag: String?
        let lastModified: String?
    }

    /// The bytes are not the announced ones.
    struct Mismatch: Error {
        let description: String
    }

    let entry: ObjectEntry
    let routes: [ObjectRoute]
    let routeIndex: Int
    /// Head of the response that pinned the version; `nil` for objects that did not come over HTTP.
    let head: HTTPHead?

    /// The checksums announced by the store and the listing.
    var expected: [ExpectedChecksum] {
        var expected: [ExpectedChecksum] = []
        if case .http(_, let dialect) = routes[routeIndex].way, let head {
            expected = dialect.expectedChecksums(head, isWhole: head.status == 200)
        }
        if let sha256 = entry.sha256.flatMap(hexBytes) {
            expected.append(ExpectedChecksum(kind: .sha256, bytes: sha256, name: "listing-sha256"))
        }
        // A mirror's object under the same key must be the one listed.
        if routeIndex > 0, listedTagIsMD5, let md5 = entry.etag.flatMap(StoreDialect.plainMD5) {
            expected.append(ExpectedChecksum(kind: .md5, bytes: md5, name: "listing-etag-md5"))
        }
        return expected
    }

    /// The checksums to compute for that; SHA-256 always.
    var kinds: Set<ChecksumKind> { Set(expected.map(\.kind)).union([.sha256]) }

    private var listedTagIsMD5: Bool {
        if case .http(_, .s3(let etagIsMD5)) = routes[0].way { etagIsMD5 } else { false }
    }

    /// Compares the bytes with the announced figures.
    func judge(_ sum: LocalSum) -> Result<Verified, Mismatch> {
        let etag = head?["etag"].map(unquotedTag) ?? sum.etag
        var by: [String] = []
        let changed = routeIndex == 0 && isAnotherVersion(sum, etag)
        if let listed = entry.size, !changed {
            guard listed == sum.bytes else {
                return .failure(
                    Mismatch(description: "the listing says \(listed) bytes, the object has \(sum.bytes)"))
            }
            by.append("size")
        }
        for check in expected {
            guard sum.found[check.kind] == check.bytes else {
                return .failure(
                    Mismatch(description: "the bytes do not have the \(check.name) that was announced"))
            }
            by.append(check.name)
        }
        let said = head?["last-modified"].flatMap(HTTPDate.seconds).map { Moment(seconds: Int($0)).text(decimals: 0) }
        return .success(
            Verified(
                by: by, changedSinceListing: changed, etag: etag,
                lastModified: said ?? sum.lastModified ?? (changed ? nil : entry.lastModified)))
    }

    /// Only the mirror that was listed can tell: another one has its own times and tags.
    private func isAnotherVersion(_ sum: LocalSum, _ etag: String?) -> Bool {
        if let version = sum.version { return version != entry.version }
        guard let listed = entry.etag, let etag else { return false }
        return listed != etag
    }
}
