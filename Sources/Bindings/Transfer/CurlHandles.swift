internal import CCurl
internal import Fault

/// A curl multi handle.
struct CurlMulti: ~Copyable {
    let pointer: UnsafeMutableRawPointer

    init() throws(Fault) {
        guard CurlLibrary.isReady, let made = curl_multi_init() else {
            throw Fault(.defect, "libcurl could not be initialised")
        }
        pointer = made
    }

    deinit { curl_multi_cleanup(pointer) }
}

/// A curl easy handle. A class, so that a list can keep free handles for later transfers.
final class CurlEasy {
    let pointer: UnsafeMutableRawPointer

    init?() {
        guard let made = curl_easy_init() else { return nil }
        pointer = made
    }

    /// Resets every option, so that nothing of one transfer leaks into the next.
    func reset() { curl_easy_reset(pointer) }

    deinit { curl_easy_cleanup(pointer) }
}

/// A list of header lines in curl's format.
struct CurlList: ~Copyable {
    private(set) var pointer: UnsafeMutablePointer<curl_slist>?

    init() { pointer = nil }

    /// Adds a line; false if out of memory.
    mutating func append(_ line: String) -> Bool {
        guard let longer = curl_slist_append(pointer, line) else { return false }
        pointer = longer
        return true
    }

    deinit { curl_slist_free_all(pointer) }
}

private enum CurlLibrary {
    /// Initialised once: static properties are initialised by one thread only.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
