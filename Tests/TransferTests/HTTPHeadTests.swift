import Testing
import Transfer

@Suite struct HTTPHeadTests {
    private func range(_ text: String) -> ContentRange? {
        HTTPHead(status: 206, headers: [HTTPHeader("Content-Range", text)]).contentRange
    }

    @Test func `ranges are read`() throws {
        let known = try #require(range("bytes 5-9/100"))
        #expect((known.first, known.last, known.total) == (5, 9, 100))
        #expect(range("bytes 0-0/*")?.total == .some(nil))
    }

    @Test(arguments: [
        "bytes 9-5/100", "bytes 5-9/9", "bytes */100", "items 0-1/2", "bytes 5-9", "bytes -1-9/100", "5-9/100",
    ])
    func `impossible ranges are refused`(_ text: String) {
        #expect(range(text) == nil)
    }

    @Test func `header names are compared without case`() {
        let head = HTTPHead(status: 200, headers: [HTTPHeader("ETag", "\"x\""), HTTPHeader("CONTENT-length", "12")])
        #expect(head["etag"] == "\"x\"")
        #expect(head.contentLength == 12)
        #expect(HTTPHead(status: 200, headers: [HTTPHeader("Content-Length", "-1")]).contentLength == nil)
    }
}
