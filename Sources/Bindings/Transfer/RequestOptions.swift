internal import CCurl

extension HTTPRequest {
    /// SHA-256 of an empty body, which a signed request without a body declares.
    private static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// The request's header lines; `nil` if one contains a line break, which could smuggle in another.
    func headerLines() -> CurlList? {
        var all = headers
        if let range { all.append(HTTPHeader("Range", range.headerValue)) }
        if let ifMatch { all.append(HTTPHeader("If-Match", ifMatch)) }
        if let signing {
            // Signed like every header line; curl adds date and host itself.
            all.append(HTTPHeader("x-amz-content-sha256", bodySHA256 ?? Self.emptyHash))
            if let token = signing.sessionToken { all.append(HTTPHeader("x-amz-security-token", token)) }
        }
        var lines = CurlList()
        for header in all {
            let line = "\(header.name): \(header.value)"
            guard !line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }), lines.append(line) else { return nil }
        }
        return lines
    }

    /// Sets curl's options for the request; false if curl refuses one.
    func configure(_ handle: UnsafeMutableRawPointer, headerLines: UnsafeMutablePointer<curl_slist>?) -> Bool {
        var codes = [
            nocturne_curl_set_text(handle, CURLOPT_URL, url),
            nocturne_curl_set_list(handle, CURLOPT_HTTPHEADER, headerLines),
            nocturne_curl_set_long(handle, CURLOPT_NOBODY, method == .head ? 1 : 0),
            nocturne_curl_set_text(handle, CURLOPT_USERAGENT, "nocturne"),
            nocturne_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            nocturne_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            nocturne_curl_set_text(
                handle, CURLOPT_REDIR_PROTOCOLS_STR, url.hasPrefix("http:") ? "http,https" : "https"),
            nocturne_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, redirects > 0 ? 1 : 0),
            nocturne_curl_set_long(handle, CURLOPT_MAXREDIRS, redirects),
            nocturne_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
            nocturne_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1),
            // Fewer, larger calls: 16 KiB at a time costs more in calls than in copying.
            nocturne_curl_set_long(handle, CURLOPT_BUFFERSIZE, 256 << 10),
            nocturne_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Int((timeouts.connect * 1000).rounded(.up))),
            nocturne_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, timeouts.stallBytesPerSecond),
            nocturne_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, max(1, timeouts.stallSeconds)),
        ]
        if case .post(let body) = method {
            codes.append(nocturne_curl_set_long(handle, CURLOPT_POST, 1))
            // The size first: without it, curl would copy the bytes as a C string.
            codes.append(nocturne_curl_set_large(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            codes.append(
                body.withUnsafeBytes {
                    nocturne_curl_set_pointer(
                        handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress))
                })
        }
        if let signing {
            codes += [
                nocturne_curl_set_text(handle, CURLOPT_AWS_SIGV4, "aws:amz:\(signing.region):\(signing.service)"),
                nocturne_curl_set_text(handle, CURLOPT_USERNAME, signing.accessKey),
                nocturne_curl_set_text(handle, CURLOPT_PASSWORD, signing.secretKey),
            ]
        }
        return codes.allSatisfy { $0 == CURLE_OK }
    }
}

extension TransferFailure.Kind {
    /// The kind of failure behind a curl code, for deciding whether to retry.
    init(_ code: CURLcode) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR:
            self = .noConnection
        case CURLE_OPERATION_TIMEDOUT: self = .stalled
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            self = .untrusted
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_TOO_MANY_REDIRECTS, CURLE_FAILED_INIT,
            CURLE_NOT_BUILT_IN, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_OUT_OF_MEMORY:
            self = .unusable
        // Everything else is a network failure: truncated bodies, broken frames, reset connections.
        default: self = .interrupted
        }
    }
}
