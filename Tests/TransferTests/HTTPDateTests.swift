import Testing
import Transfer

@Suite struct HTTPDateTests {
    /// The three forms of RFC 9110, with its own example. Two-digit years are this century's.
    @Test func readsEveryForm() {
        #expect(HTTPDate.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        #expect(HTTPDate.seconds("Sun Nov  6 08:49:37 1994") == 784_111_777)
        #expect(
            HTTPDate.seconds("Thursday, 19-Nov-26 22:04:11 GMT") == HTTPDate.seconds("Thu, 19 Nov 2026 22:04:11 GMT"))
    }

    @Test(arguments: ["", "yesterday", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06"])
    func refusesTheRest(_ text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }

    @Test func writesWhatTheLedgerHolds() {
        #expect(HTTPDate.rfc3339(0) == "1970-01-01T00:00:00Z")
        #expect(HTTPDate.rfc3339(784_111_777) == "1994-11-06T08:49:37Z")
        #expect(HTTPDate.rfc3339(951_782_400) == "2000-02-29T00:00:00Z")
        #expect(HTTPDate.rfc3339(-1) == "1969-12-31T23:59:59Z")
    }
}
