import Fault
import Night
import Testing

/// The days of a backfill.
struct DaysTests {
    @Test(
        arguments: [
            ("2026-03-01", "2026-03-01", ["2026-03-01"]),
            ("2026-12-30", "2027-01-01", ["2026-12-30", "2026-12-31", "2027-01-01"]),
            ("2024-02-28", "2024-03-01", ["2024-02-28", "2024-02-29", "2024-03-01"]),
            ("2026-02-28", "2026-03-01", ["2026-02-28", "2026-03-01"]),
        ])
    func `both ends are in the range`(first: String, last: String, days: [String]) throws {
        #expect(try Days.range(from: first, to: last) == days)
    }

    @Test(arguments: ["2026-02-30", "2026-3-1", "yesterday", "", "2026-03-01-02", "2026-13-01"])
    func `what is not a date is refused by name`(_ text: String) {
        let fault = #expect(throws: Fault.self) { try Days.range(from: text, to: "2026-03-31") }
        #expect(fault?.kind == .usage && fault?.message.contains("'\(text)'") == true)
    }

    @Test func `a range that ends before it begins is refused`() {
        #expect(throws: Fault.self) { try Days.range(from: "2026-03-02", to: "2026-03-01") }
    }
}
