import ObjectSources
import Testing

@Suite struct URLReferenceTests {
    /// RFC 3986, 5.4: those of its example references that an index may contain.
    @Test(arguments: [
        ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
        ("//g", "http://g"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("g#s", "http://a/b/c/g"),
        ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"),
        ("../..", "http://a/"), ("../../g", "http://a/g"), ("../../../g", "http://a/g"), ("/./g", "http://a/g"),
        ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), ("..g", "http://a/b/c/..g"), ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"), ("g:h", "g:h"), ("https://h/x/../y", "https://h/y"),
        ("a b/c", "http://a/b/c/a b/c"),
    ])
    func `references are resolved`(_ reference: String, _ expected: String) {
        #expect(URLReference(reference).resolved(against: URLReference("http://a/b/c/d;p?q")).text == expected)
    }

    @Test func `a shown URL has no secret`() {
        #expect(publicURL("https://user:hunter2@h:1/a/b?X-Amz-Signature=abc#x") == "https://h:1/a/b")
        #expect(publicURL("/a/path") == "/a/path")
    }
}
