import ObjectSources
import Testing

@Suite struct XMLReaderTests {
    private func events(_ text: String) throws -> [XMLReader.Event] {
        var reader = XMLReader(Array(text.utf8))
        var events: [XMLReader.Event] = []
        while let event = try reader.next() { events.append(event) }
        return events
    }

    @Test func `elements, text and references are read`() throws {
        let text =
            "\u{FEFF}<?xml version='1.0'?><!-- a --><s3:a x='1' y=\"<>\"><b>1 &lt; 2 &amp;&#x41;&#66;</b><c/> <![CDATA[<&]]></s3:a>\n"
        #expect(
            try events(text) == [
                .start("a"), .start("b"), .text("1 < 2 &AB"), .end("b"), .start("c"), .end("c"), .text(" "),
                .text("<&"), .end("a"),
            ])
    }

    @Test(arguments: [
        "", "   ", "text", "<a>", "<a></b>", "<a></a><b/>", "<a>&unknown;</a>", "<a>&amp</a>", "<a>&#xD800;</a>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "<a x=1/>", "<a", "<a b", "<a><!-- </a>", "<a/>text", "<a></a",
        "< a/>",
    ])
    func `everything else is refused`(_ text: String) {
        #expect(throws: XMLError.self) { try events(text) }
    }

    @Test func `text that is not UTF-8 is refused`() {
        var reader = XMLReader(Array("<a>".utf8) + [0xFF] + Array("</a>".utf8))
        #expect(throws: XMLError.self) { while try reader.next() != nil {} }
    }
}
