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
}
