package import Fault
package import Transfer

/// The meaning of a store's response, or of its absence.
package enum StoreAnswer {
    /// The response is the requested one.
    case good(HTTPResponse)
    /// Worth retrying; after `after` seconds if the server asks for it.
    case tryAgain(String, after: Double?)
    /// There is no such object.
    case gone
    /// The object exists, but no longer the version or the bytes requested.
    case replaced
    /// The server does not support ranges.
    case noRanges
    /// What was requested is being done already.
    case underWay
    /// The object exists, but this one cannot be read now; others may be.
    case withheld(Withholding)
    /// Final.
    case refused(Fault)
}

/// Why a store does not hand out an object that it has.
package struct Withholding: Sendable {
    /// The reason: the code of the item's rejection.
    package enum Reason: String, Sendable {
        /// It is in an archive, and must be restored first.
        case archived
        /// It is encrypted with a key that the store does not have, or may not use.
        case encrypted
        /// It may not be read with these credentials.
        case forbidden
    }

    /// Why.
    package let reason: Reason
    /// What the store said.
    package let message: String

    /// An object is withheld for a reason.
    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The same as the end of everything: for a listing, and if no object can be read.
    package var fault: Fault { Fault(.denied, message) }
}

extension StoreDialect {
    /// Interprets a transfer's result.
    ///
    /// - Parameter now: the wall clock, for dates in `Retry-After`.
    package func answer(_ result: TransferResult, now: Double) -> StoreAnswer {
        switch result {
        case .failure(let failure): StoreAnswer(failure)
        case .success(let response) where (200..<300).contains(response.head.status): .good(response)
        case .success(let response): refusal(response, now: now)
        }
    }

    private func refusal(_ response: HTTPResponse, now: Double) -> StoreAnswer {
        let status = response.head.status
        let code: String? = if case .s3 = self { S3ErrorCode.read(response.body) } else { nil }
        // Only the code: the rest of a server's answer may quote the request, keys and tokens included.
        let said = "the server answered \(status)" + (code.map { " (\($0))" } ?? "")
        let after = response.head.retryAfter(now: now)
        if let code, let meaning = S3ErrorCode.meaning(code, said: said, response, after: after) { return meaning }
        switch status {
        case 401, 403, 451: return .withheld(Withholding(.forbidden, "\(said); check the credentials and their rights"))
        case 407: return .refused(Fault(.denied, "\(said); check the proxy's credentials"))
        case 404, 410: return .gone
        case 412, 416: return .replaced
        case 300..<400:
            let to = response.head["location"].map { " to '\(publicURL($0))'" } ?? ""
            return .refused(Fault(.configuration, "\(said) and redirects\(to); use that address"))
        case _ where response.head.isWorthRetrying: return .tryAgain(said, after: after)
        default: return .refused(Fault(.unavailable, said))
        }
    }
}

extension StoreAnswer {
    fileprivate init(_ failure: TransferFailure) {
        switch failure.kind {
        case .rangeIgnored: self = .noRanges
        case .disk: self = .refused(failure.fault ?? Fault(.disk, failure.description))
        case .unusable: self = .refused(Fault(.configuration, failure.description))
        case .untrusted: self = .refused(Fault(.unavailable, "\(failure.description); check the CA certificates"))
        case .tooLarge: self = .refused(Fault(.damaged, failure.description))
        case .cancelled: self = .refused(Fault(.retryLater, "cancelled"))
        case .noConnection, .interrupted, .stalled: self = .tryAgain(failure.description, after: nil)
        }
    }
}

/// The codes in S3's error documents that are more specific than the status.
private enum S3ErrorCode {
    /// The `<Code>` of an `<Error>` document, letters, digits and dots only.
    static func read(_ body: [UInt8]) -> String? {
        var reader = XMLReader(body)
        var path: [String] = []
        var code = ""
        // A body that is truncated or not XML has no code.
        while let event = try? reader.next() {
            switch event {
            case .start(let name): path.append(name)
            case .text(let text): if path == ["Error", "Code"] { code += text }
            case .end:
                path.removeLast()
                if path == ["Error"], !code.isEmpty {
                    return code.utf8.count <= 64
                        && code.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }
                        ? code : nil
                }
            }
        }
        return nil
    }

    /// Whether an error document speaks of encryption: the code for an object with a customer's key is only
    /// `InvalidRequest`.
    private static func speaksOfEncryption(_ body: [UInt8]) -> Bool {
        let text = String(decoding: body, as: UTF8.self).lowercased()
        return text.contains("encrypt") || text.contains("customer-key") || text.contains("customer key")
    }

    static func meaning(_ code: String, said: String, _ response: HTTPResponse, after: Double?) -> StoreAnswer? {
        let head = response.head
        return switch code {
        case "NoSuchBucket": .refused(Fault(.missing, "\(said): there is no such bucket"))
        case "NoSuchKey", "NoSuchVersion": .gone
        case "AccessDenied": .withheld(Withholding(.forbidden, "\(said); check the key and its rights"))
        case "InvalidAccessKeyId": .refused(Fault(.denied, "\(said); check the key and its rights"))
        case "SignatureDoesNotMatch": .refused(Fault(.denied, "\(said); check the secret key and the region"))
        case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
            .refused(Fault(.denied, "\(said); get new session credentials"))
        case "RequestTimeTooSkewed": .refused(Fault(.denied, "\(said); set this machine's clock"))
        case "RestoreAlreadyInProgress": .underWay
        case "InvalidObjectState":
            .withheld(Withholding(.archived, "\(said): the object is archived; restore it, or leave it out"))
        case "InvalidRequest", "InvalidArgument", "BadRequest":
            speaksOfEncryption(response.body) ? .withheld(encrypted(said)) : nil
        case "ResourceIsEncryptedWithCustomerEncryptionKey", "CustomerEncryptionKeyIsIncorrect":
            .withheld(encrypted(said))
        case "KMS.ThrottlingException": .tryAgain(said, after: after)
        case _ where code.hasPrefix("KMS") && !head.isWorthRetrying: .withheld(encrypted(said))
        case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException":
            .refused(
                Fault(
                    .configuration,
                    head["x-amz-bucket-region"].map { "\(said): the bucket is in the region '\($0)'; set that region" }
                        ?? "\(said): the bucket is in another region; set fetch's region or AWS_REGION"))
        case "RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "Throttling", "ThrottlingException":
            .tryAgain(said, after: after)
        default: nil
        }
    }

    private static func encrypted(_ said: String) -> Withholding {
        Withholding(.encrypted, "\(said): the object is encrypted with a key that is not available here")
    }
}
