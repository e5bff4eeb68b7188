import Fault
import PostgresClient
import Testing

struct PostgresAddressTests {
    @Test(arguments: [
        ("postgresql://u:secret@db.example:5433/night?sslmode=require", "postgresql://db.example:5433/night"),
        ("postgres://u@h/night", "postgresql://h/night"),
        (
            "postgresql:///night?host=/run/pg&port=5433&user=u&password=secret",
            "postgresql:///night?host=/run/pg&port=5433"
        ),
        ("postgresql://u:secret@a:1,b:2/night", "postgresql://a:1,b:2/night"),
        ("postgresql://[::1]:5433/night", "postgresql://[::1]:5433/night"),
        ("postgresql:///?service=nightly&passfile=/secret", "postgresql:///?service=nightly"),
        ("postgresql://h/n%C3%A4chte%20x", "postgresql://h/n%C3%A4chte%20x"),
    ]) func `what is recorded holds no secret`(url: String, recorded: String) throws {
        #expect(try PostgresAddress(url).recorded == recorded)
    }

    @Test func `a password in the URL is seen`() throws {
        #expect(try PostgresAddress("postgresql://u:secret@h/d").holdsPassword)
        #expect(try PostgresAddress("postgresql://u@h/d?password=secret").holdsPassword)
        #expect(try !PostgresAddress("postgresql://u@h/d").holdsPassword)
    }

    @Test(arguments: [
        "postgresql://u:secret%zz@h/d", "postgresql://u:secret@h/d?secret=1", "postgresql://u:secret@h/d?a=b=secret",
        "postgresql://u:secret@[::1/d", "postgresql://u@h/d?password=%0secret", "mysql://u:secret@h/d", "secret",
        "postgresql://u:se\0cret@h/d",
    ]) func `a refused URL is not repeated`(url: String) throws {
        let fault = try #require(throws: Fault.self) { try PostgresAddress(url) }
        #expect(fault.kind == .configuration)
        #expect(!fault.description.contains("secret"))
    }
}
