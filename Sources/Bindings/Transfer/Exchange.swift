internal import CCurl
internal import Fault

/// One transfer on the engine's thread: receives what curl delivers, and reports the result at its end.
final class Exchange {
    let id: TransferID
    let easy: CurlEasy
    private let headerLines: CurlList
    private let request: HTTPRequest
    private let destination: BodyDestination
    private let completion: @Sendable (TransferResult) -> Void
    private let errorText: UnsafeMutablePointer<CChar>

    private var status = 0
    private var headers: [HTTPHeader] = []
    private var body: [UInt8] = []
    private var receivedBytes: Int64 = 0
    private var failure: (kind: TransferFailure.Kind, text: String, fault: Fault?)?
    private var bodyHasBegun = false

    /// How much of a refusal's body is kept.
    private static let refusalLimit = 64 << 10

    /// Prepares a transfer; `nil` if that fails, in which case the completion has been called.
    init?(
        _ id: TransferID, _ easy: CurlEasy?, _ request: HTTPRequest, _ destination: BodyDestination,
        _ completion: @escaping @Sendable (TransferResult) -> Void
    ) {
        guard let easy, let lines = request.headerLines() else {
            completion(
                .failure(TransferFailure(.unusable, "the request cannot be prepared: a header holds a line break")))
            return nil
        }
        self.id = id
        self.easy = easy
        self.request = request
        self.destination = destination
        self.completion = completion
        headerLines = lines
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        guard request.configure(handle, headerLines: headerLines.pointer), connectCallbacks() else {
            finish(with: CURLE_FAILED_INIT)
            return nil
        }
    }

    deinit { errorText.deallocate() }

    var handle: UnsafeMutableRawPointer { easy.pointer }

    // MARK: - What curl delivers

    private func connectCallbacks() -> Bool {
        // Unretained: the loop holds the exchange as long as its handle is in use.
        let context = Unmanaged.passUnretained(self).toOpaque()
        let codes = [
            nocturne_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText),
            nocturne_curl_set_pointer(handle, CURLOPT_WRITEDATA, context),
            nocturne_curl_set_pointer(handle, CURLOPT_HEADERDATA, context),
            nocturne_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                return exchange.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            },
            nocturne_curl_set_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                exchange.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
                return size * count
            },
        ]
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self).trimmingSpaceAndLineEnd()
        if line.hasPrefix("HTTP/") {
            // An earlier redirect, interim response or proxy answer ends here: its headers are not the response's.
            let words = line.split(separator: " ")
            status = words.count > 1 ? Int(words[1]) ?? 0 : 0
            headers.removeAll()
        } else if let colon = line.firstIndex(of: ":") {
            let value = String(line[line.index(after: colon)...]).trimmingSpaceAndLineEnd()
            headers.append(HTTPHeader(String(line[..<colon]), String(value)))
        }
    }

    /// Receives bytes of the body; false stops the transfer, with the reason in `failure`.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard (200..<300).contains(status) else {
            body.append(contentsOf: bytes.prefix(max(0, Self.refusalLimit - body.count)))
            receivedBytes += Int64(bytes.count)
            return true
        }
        if !bodyHasBegun {
            bodyHasBegun = true
            if let range = request.range, !answers(range) { return fail(.rangeIgnored, "the server ignores ranges") }
        }
        switch destination {
        case .memory(let limit):
            guard body.count + bytes.count <= limit else { return fail(.tooLarge, "more than \(limit) bytes came") }
            if body.isEmpty, let length = HTTPHead(status: status, headers: headers).contentLength {
                // Reserve once instead of growing repeatedly.
                body.reserveCapacity(Int(min(length, Int64(limit))))
            }
            body.append(contentsOf: bytes)
        case .file(let file, let offset, let limit):
            guard receivedBytes + Int64(bytes.count) <= limit else {
                return fail(.tooLarge, "more than the expected \(limit) bytes came")
            }
            do throws(Fault) {
                try file.write(bytes, at: offset + receivedBytes)
            } catch {
                return fail(.disk, error.message, error)
            }
        }
        receivedBytes += Int64(bytes.count)
        return true
    }

    private func answers(_ range: ByteRange) -> Bool {
        guard status == 206, let sent = HTTPHead(status: status, headers: headers).contentRange else { return false }
        guard sent.first == range.first else { return false }
        // A range that extends past the end is answered up to the end.
        guard let last = range.last else { return sent.total.map { sent.last == $0 - 1 } ?? true }
        return sent.last == last || (sent.last < last && sent.total == sent.last + 1)
    }

    private func fail(_ kind: TransferFailure.Kind, _ text: String, _ fault: Fault? = nil) -> Bool {
        failure = (kind, text, fault)
        return false
    }

    // MARK: - How it ends

    /// Reports the result. The handle must have left the multi handle.
    func finish(with code: CURLcode) {
        let head = status == 0 ? nil : HTTPHead(status: status, headers: headers)
        if code == CURLE_OK, let head {
            completion(result(of: head))
        } else if let failure {
            completion(.failure(failed(failure.kind, failure.text, head, failure.fault)))
        } else {
            let detail = String(cString: errorText)
            let text = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
            completion(.failure(failed(TransferFailure.Kind(code), text, head)))
        }
    }

    func finishCancelled() {
        completion(.failure(failed(.cancelled, "cancelled", nil)))
    }

    private func failed(
        _ kind: TransferFailure.Kind, _ text: String, _ head: HTTPHead?, _ fault: Fault? = nil
    ) -> TransferFailure {
        TransferFailure(kind, text, fault: fault, head: head, receivedBytes: receivedBytes, body: body)
    }

    private func result(of head: HTTPHead) -> TransferResult {
        if (200..<300).contains(status), request.method != .head {
            // No byte arrived, so the range has not been checked yet.
            if let range = request.range, !bodyHasBegun, !answers(range) {
                return .failure(failed(.rangeIgnored, "the server ignores ranges", head))
            }
            if let sent = head.contentRange, request.range != nil, receivedBytes != sent.last - sent.first + 1 {
                return .failure(failed(.interrupted, "\(receivedBytes) bytes came of a longer range", head))
            }
            if let promised = head.contentLength, head["content-encoding"] == nil, promised != receivedBytes {
                return .failure(failed(.interrupted, "\(receivedBytes) of \(promised) bytes came", head))
            }
        }
        var version = 0
        nocturne_curl_get_long(handle, CURLINFO_HTTP_VERSION, &version)
        let endIsKnown =
            head.contentLength != nil || version >= Int(CURL_HTTP_VERSION_2_0)
            || head["transfer-encoding"]?.equalsIgnoringASCIICase("chunked") == true
        return .success(HTTPResponse(head: head, receivedBytes: receivedBytes, body: body, endIsKnown: endIsKnown))
    }
}

extension String {
    fileprivate func trimmingSpaceAndLineEnd() -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
        let start = utf8.firstIndex { !isSpace($0) } ?? utf8.endIndex
        let end = utf8.lastIndex { !isSpace($0) }.map { utf8.index(after: $0) } ?? start
        return String(self[start..<end])
    }
}
