import Testing
import Transfer

struct HTTPDateTests {
    /// The three forms of RFC 9110, with its own example.
    @Test func `every form of the standard is read`() {
        #expect(HTTPDate.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        #expect(HTTPDate.seconds("Sun Nov  6 08:49:37 1994") == 784_111_777)
        #expect(
            HTTPDate.seconds("Thursday, 19-Nov-26 22:04:11 GMT") == HTTPDate.seconds("Thu, 19 Nov 2026 22:04:11 GMT"))
    }

    @Test func `an offset from UTC counts`() {
        #expect(
            HTTPDate.seconds("Thu, 19 Nov 2026 22:04:11 +0100") == HTTPDate.seconds("Thu, 19 Nov 2026 21:04:11 GMT"))
    }

    @Test(arguments: [
        "", "yesterday", "12", "-1", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06",
    ])
    func `what is not a date is refused`(_ text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }
}
