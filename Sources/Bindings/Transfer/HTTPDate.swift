internal import CCurl

/// Dates as HTTP writes them (RFC 9110, 5.6.7), as seconds since 1970.
public enum HTTPDate {
    /// The time that `Sun, 06 Nov 1994 08:49:37 GMT`, one of the two obsolete forms, or a near miss names. libcurl reads it,
    /// as its users know it from other programs.
    public static func seconds(_ text: String) -> Int64? {
        let seconds = curl_getdate(text, nil)
        return seconds < 0 ? nil : Int64(seconds)
    }
}
