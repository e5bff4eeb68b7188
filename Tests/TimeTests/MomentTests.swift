import Testing
import Time

/// A recording's metadata may contain the same texts (clean), and a database receives them (store).
struct MomentTests {
    @Test(arguments: [
        ("2026-11-19T22:04:11Z", "2026-11-19T22:04:11.000000Z"),
        ("2026-11-19t22:04:11z", "2026-11-19T22:04:11.000000Z"),
        ("2026-11-19 22:04:11Z", "2026-11-19T22:04:11.000000Z"),
        ("2026-11-19T23:34:11.500+01:30", "2026-11-19T22:04:11.500000Z"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000000Z"),
        ("2027-01-01T00:30:00+01:00", "2026-12-31T23:30:00.000000Z"),
        ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000000Z"),
        ("2024-03-01T00:00:00+00:01", "2024-02-29T23:59:00.000000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
        ("1969-12-31T23:59:59.1234567891234Z", "1969-12-31T23:59:59.123456Z"),
        ("0000-02-29T00:00:00Z", "0000-02-29T00:00:00.000000Z"),
    ]) func `is read with any offset and written in UTC`(text: String, utc: String) {
        #expect(Moment(text)?.text(decimals: 6) == utc)
    }

    @Test(arguments: [
        "", "2026-11-19", "2026-11-19T22:04:11", "2026-11-19T22:04Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-19T24:00:00Z",
        "2026-11-19T22:60:00Z", "2026-11-19T22:04:61Z", "2026-11-19T22:04:11.Z", "2026-11-19T22:04:11Zx",
        "2026-11-19T22:04:11+1:00", "2026-11-19T22:04:11+24:00", "2026-11-19T22:04:11+01:60", "2026-11-19T+2:04:11Z",
        "٢٠٢٦-11-19T22:04:11Z", "2026-11-19T22:04:11+01:0", "2026-11-19T22:04:1",
    ]) func `what is no moment is refused`(text: String) {
        #expect(Moment(text) == nil)
    }

    @Test(arguments: [
        ("2026-11-20T02:04:11+0100", "2026-11-20T02:04:11+01:00"),
        ("2026-11-20T02:04:11-03", "2026-11-20T02:04:11-03:00"),
        ("2026-11-20T02:04:11,250Z", "2026-11-20T02:04:11.250Z"), ("20261120T020411Z", "2026-11-20T02:04:11Z"),
        ("20261120T020411.5+0100", "2026-11-20T02:04:11.5+01:00"),
        (" 2026-11-20 02:04:11 +0100 ", "2026-11-20T02:04:11+01:00"),
        ("20261120 02:04:11z", "2026-11-20T02:04:11Z"),
        ("2026-11-20 02:04:11.123456789123+01:00", "2026-11-20 02:04:11.123456789123+01:00"),
        ("2016-12-31t23:59:60Z", "2016-12-31t23:59:60Z"),
    ]) func `other ways of writing a moment become RFC 3339, and RFC 3339 stays`(text: String, written: String) {
        #expect(Moment.rfc3339(text) == written)
    }

    @Test(arguments: [
        "2026-11-20T02:04:11", "20261120T020411", "2026-1120T02:04:11Z", "202611-20T02:04:11Z", "2026-11-20T02:0411Z",
        "20/11/2026 02:04:11Z", "1763604251", "2026-11-20T02:04Z", "2026-11-20T02:04:11+25", "2026-11-20T02:04:11+1:00",
        "2026-11-20T02:04:11,Z", "20260230T000000Z", "2026-11-20T02:04:11 CET", "2026-11-20T02:04:11+", "2026-11-20",
    ]) func `what could be several moments is none`(text: String) {
        #expect(Moment.rfc3339(text) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-0.25, "1969-12-31T23:59:59.750Z"), (784_111_777, "1994-11-06T08:49:37.000Z"),
        (1_764_000_000.125, "2025-11-24T16:00:00.125Z"),
    ]) func `seconds since 1970 come back from their text`(seconds: Double, text: String) {
        #expect(Moment(secondsSince1970: seconds).text(decimals: 3) == text)
        #expect(Moment(text)?.secondsSince1970 == seconds)
    }

    /// A file's time may be anything that its file system can store.
    @Test(arguments: [Int.max, Int.min]) func `the furthest moments have a text`(seconds: Int) {
        #expect(Moment(seconds: seconds).text(decimals: 0).hasSuffix("Z"))
    }

    @Test func `decimals are cut, never rounded into the next second`() {
        let moment = Moment(secondsSince1970: 0.999_999_999_9)
        #expect(moment.text(decimals: 0) == "1970-01-01T00:00:00Z")
        #expect(moment.text(decimals: 3) == "1970-01-01T00:00:00.999Z")
    }
}
