import ObjectNotices
import ObjectSources
import Testing

@Suite struct ObjectNoticeTests {
    private func created(_ body: String) -> [NoticedObject]? {
        if case .created(let objects) = ObjectNotice(parsing: body) { objects } else { nil }
    }

    private static let record = """
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "up"}, "object": {"key": "n/a+b%2Bc%C3%A9.wav", \
        "size": 12, "eTag": "0123456789abcdef0123456789abcdef"}}}
        """

    @Test func `a notice says what was created`() throws {
        let objects = try #require(created(#"{"Records": [\#(Self.record)]}"#))
        #expect(objects.map(\.bucket) == ["up"])
        #expect(objects.map { String(decoding: $0.key, as: UTF8.self) } == ["n/a b+cé.wav"])
        #expect(objects.map(\.size) == [12])
        #expect(objects.map(\.etag) == ["0123456789abcdef0123456789abcdef"])
    }

    @Test func `a wrapped notice is read`() {
        let inner =
            #"{\"Records\": [{\"eventName\": \"s3:ObjectCreated:Put\", "#
            + #"\"s3\": {\"bucket\": {\"name\": \"b\"}, \"object\": {\"key\": \"k\"}}}]}"#
        let objects = created(#"{"Type": "Notification", "Message": "\#(inner)"}"#)
        #expect(objects?.map(\.bucket) == ["b"])
        #expect(objects?.map(\.size) == [nil])
    }

    @Test(arguments: [
        #"{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "up"}"#, #"{"Records": []}"#,
        #"{"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"object": {"key": "a"}}}]}"#,
    ])
    func `a notice may announce nothing`(_ body: String) { #expect(created(body) == []) }

    @Test(arguments: [
        "", "hello", "[]", "{}", #"{"Records": 1}"#, #"{"Records": [{}]}"#,
        #"{"Records": [{"eventName": "ObjectCreated:Put"}]}"#,
        #"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "%zz"}}}]}"#,
        #"{"Type": "Notification", "Message": "hello"}"#,
    ])
    func `what is not a notice is refused`(_ body: String) { #expect(created(body) == nil) }
}
