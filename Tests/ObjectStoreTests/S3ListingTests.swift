import ObjectSources
import Testing

@Suite struct S3ListingTests {
    private func listing(_ content: String) throws -> S3Listing {
        try S3Listing(parsing: Array("<ListBucketResult>\(content)</ListBucketResult>".utf8))
    }

    private let end = "<IsTruncated>false</IsTruncated>"

    @Test func `a page is read`() throws {
        let page = try listing(
            """
            <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</NextContinuationToken>
            <Contents><Key>p/a+b%2Bc%C3%A9</Key><LastModified>2026-11-19T22:04:11.123Z</LastModified>
            <ETag>&quot;abc&quot;</ETag><Size>12</Size><StorageClass>GLACIER</StorageClass><Owner><ID>x</ID><Key>not this</Key></Owner></Contents>
            <CommonPrefixes><Prefix>q/</Prefix></CommonPrefixes>
            """)
        #expect(page.isTruncated)
        #expect(page.nextToken == "a&b")
        let object = try #require(page.objects.first)
        #expect(page.objects.count == 1)
        #expect(String(decoding: object.key, as: UTF8.self) == "p/a b+cé")
        #expect(object.size == 12)
        #expect(object.etag == "abc")
        #expect(object.lastModified == "2026-11-19T22:04:11Z")
        #expect(object.storageClass == "GLACIER")
    }

    @Test func `only what is declared encoded is decoded`() throws {
        let page = try listing("\(end)<Contents><Key>a+b%41</Key><Size>1</Size></Contents>")
        #expect(page.objects.first.map { String(decoding: $0.key, as: UTF8.self) } == "a+b%41")
    }

    @Test func `an empty listing is a listing`() throws { #expect(try listing(end).objects.isEmpty) }

    /// Everything that could make a night look smaller than it is.
    @Test(arguments: [
        "", "<IsTruncated>maybe</IsTruncated>", "<IsTruncated>true</IsTruncated>",
        "<IsTruncated>true</IsTruncated><NextContinuationToken/>",
        "<IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents>",
        "<IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents>",
        "<IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>-1</Size></Contents>",
        "<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents><Key>%4</Key><Size>1</Size></Contents>",
    ])
    func `an incomplete page is refused`(_ content: String) {
        #expect(throws: XMLError.self) { try listing(content) }
    }

    @Test(arguments: ["<html><body>log in</body></html>", "<Error><Code>X</Code></Error>", "", "<ListBucketResult>"])
    func `other documents are refused`(_ text: String) {
        #expect(throws: XMLError.self) { try S3Listing(parsing: Array(text.utf8)) }
    }
}
