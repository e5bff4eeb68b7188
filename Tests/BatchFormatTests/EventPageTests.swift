import BatchFormat
import Foundation
import TestKit
import Testing

/// Keeps docs/events.md equal to the types of events.
struct EventPageTests {
    private static let page = URL(filePath: Checkout.path("docs/events.md"))

    @Test func `the tables in the documentation list every event`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- events: begin -->\n"))
        let end = try #require(text.range(of: "<!-- events: end -->"))
        let written = String(text[begin.upperBound..<end.lowerBound])
        let made = "\n" + EventCatalog.markdown() + "\n"
        if written != made, ProcessInfo.processInfo.environment["NOCTURNE_RECORD"] != nil {
            let updated = text[..<begin.upperBound] + made + text[end.lowerBound...]
            try updated.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        // Recording also fails, so that it cannot be mistaken for a pass.
        #expect(written == made, "run again with NOCTURNE_RECORD=1")
    }
}
