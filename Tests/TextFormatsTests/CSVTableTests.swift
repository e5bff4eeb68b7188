import Fault
import Testing
import TextFormats

@Suite struct CSVTableTests {
    private func table(_ text: String) throws(Fault) -> CSVTable { try CSVTable(Array(text.utf8), path: "m.csv") }

    @Test(arguments: [
        ("key,site\na,gate\n", [["a", "gate"]]), ("key,site\r\na,gate\r\n", [["a", "gate"]]),
        ("key,site\na,gate", [["a", "gate"]]),
        ("\u{FEFF}key,site\na,gate\n", [["a", "gate"]]), ("key,site\n\n\na,\n\n", [["a", ""]]),
        ("key,site\n,\n,x\n", [["", "x"]]), ("key,site\ra,gate\rb,\r", [["a", "gate"], ["b", ""]]),
        ("key,site,,\na,gate,,\nb,,,,,\n,,,\n", [["a", "gate"], ["b", ""]]), ("key,site\na,gate,\n", [["a", "gate"]]),
        (",key,,site\n,a,,gate\n", [["a", "gate"]]),
        ("key,site\n\"a\"\"b\",\"x,y\"\n", [["a\"b", "x,y"]]),
        ("key,site\n\"line\r\nbreak\",\"\"\n", [["line\r\nbreak", ""]]),
        ("key,site\na\"b,c \n", [["a\"b", "c "]]), ("key,site\n", []), ("key,site", []),
        ("\"key\",\"site\"\na,b", [["a", "b"]]),
    ])
    func `rows are read as RFC 4180 defines them`(_ text: String, _ rows: [[String]]) throws {
        let table = try table(text)
        #expect(table.header == ["key", "site"])
        #expect(table.rows.map(\.fields) == rows)
    }

    @Test func `rows know their lines`() throws {
        let table = try table("k,v\na,\"1\n2\n\"\nb,3\n\nc,4\n")
        #expect(table.rows.map(\.line) == [2, 5, 7])
    }

    @Test(arguments: [
        ("", "'m.csv' has no header line"), ("\n\n", "'m.csv' has no header line"),
        ("k,v\n\"a,b\n", "'m.csv' line 2: a quote is not closed"),
        ("k,v,k\na,b,c\n", "'m.csv' line 1: the column 'k' appears twice in the header"),
    ])
    func `what cannot be read is named`(_ text: String, _ message: String) {
        let fault = #expect(throws: Fault.self) { _ = try table(text) }
        #expect(fault?.kind == .damaged)
        #expect(fault?.message == message)
    }

    @Test(arguments: [
        ("k,v\na\nb,1\n", "the line has 1 fields, the header has 2"),
        ("k,v\nc,d,e\nb,1\n", "the line has 3 fields, the header has 2"),
        ("k,v,\nc,d,e\nb,1\n", "field 3 has no name in the header"),
        ("k,v\n\"a\"b,c\nb,1\n", "text follows a closing quote"),
    ])
    func `a line that cannot be understood costs no other`(_ text: String, _ problem: String) throws {
        let table = try table(text)
        #expect(table.rows.map(\.problem) == [problem, nil])
        #expect(table.rows.map(\.line) == [2, 3])
        #expect(table.rows[1].fields == ["b", "1"])
    }

    @Test func `text that is not UTF-8 is named`() throws {
        let bytes = Array("k,v\na,b\nx,".utf8) + [0xFF] + Array("\nd,e\n".utf8)
        let table = try CSVTable(bytes, path: "m.csv")
        #expect(table.rows.map(\.problem) == [nil, "the line is not valid UTF-8", nil])
        #expect(table.rows[1].fields[0] == "x")
        let wide = #expect(throws: Fault.self) { _ = try CSVTable([0xFF, 0xFE, 0x6B, 0], path: "m.csv") }
        #expect(wide?.message == "'m.csv' is UTF-16; save it as UTF-8")
    }
}
