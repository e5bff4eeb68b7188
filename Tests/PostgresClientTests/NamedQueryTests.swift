import Fault
import PostgresClient
import Testing

struct NamedQueryTests {
    private func rewrite(_ text: String) throws(Fault) -> NamedQuery {
        try NamedQuery(text, values: ["batch": "2026-11-20", "pipeline": "digits"])
    }

    @Test func `every place gets a number of its own`() throws {
        let query = try rewrite("SELECT :pipeline, key FROM t WHERE day = :batch::date OR name=:batch")
        #expect(query.sql == "SELECT $1, key FROM t WHERE day = $2::date OR name=$3")
        #expect(query.parameters == ["digits", "2026-11-20", "2026-11-20"])
    }

    @Test(arguments: [
        "SELECT ':batch', 'it''s :batch'",
        #"SELECT E'\':batch', e'\\' , 'a\'"#,
        "SELECT \":batch\" AS \"a\"\":batch\"",
        "SELECT 1 -- :batch\n",
        "SELECT 1 -- :batch",
        "SELECT /* :batch /* nested */ :batch */ 1",
        "SELECT $$ :batch $$, $tag$ $$ :batch $other$ $tag$",
        "SELECT a::text, '{1}'::int[], f(x := 1), arr[1:2]",
        "SELECT a$b$ FROM t WHERE c$b$ = 1",
        "SELECT U&'d\\0061t :batch', B'101', X'1F', 1e5, 1.5",
        "SELECT 'é:batch', \"größe\"",
        "",
    ]) func `text outside code stays as it is`(text: String) throws {
        let query = try rewrite(text)
        #expect(query.sql == text)
        #expect(query.parameters.isEmpty)
    }

    @Test func `a name after a quoted text is found`() throws {
        #expect(try rewrite("SELECT 'a'':batch' || :batch").sql == "SELECT 'a'':batch' || $1")
        #expect(try rewrite(#"SELECT E'\\':batch"#).sql == #"SELECT E'\\'$1"#)
        #expect(try rewrite("SELECT $a$:batch$a$:batch").sql == "SELECT $a$:batch$a$$1")
        #expect(try rewrite("/* a */:batch--:batch\n:batch").sql == "/* a */$1--:batch\n$2")
        #expect(try rewrite("1:batch").sql == "1$1")
    }

    @Test(arguments: [
        (
            "SELECT\n  :day",
            "the query names :day, which is unknown (known: :batch, :pipeline), at line 2, column 3"
        ),
        ("SELECT $1", "numbered parameter"),
        ("SELECT 'a", "a quote does not end, at line 1, column 8"),
        ("SELECT \"a", "a quote does not end"),
        ("SELECT E'a\\'", "a quote does not end"),
        ("SELECT /* /* */", "a comment does not end"),
        ("SELECT $a$ $b$", "a dollar quote does not end"),
    ]) func `what cannot be read is refused`(text: String, reason: String) throws {
        let fault = try #require(throws: Fault.self) { try rewrite(text) }
        #expect(fault.kind == .configuration)
        #expect(fault.message.contains(reason))
    }
}
