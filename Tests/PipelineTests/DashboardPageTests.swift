import Foundation
import TestKit
import TestTools
import Testing

/// The dashboard's page in a real Chromium. The programs are in Tests/DashboardPageTests/python; each of their tests
/// ends by checking that the browser's console is empty.
@Suite(.tags(.browser)) struct DashboardPageTests {
    private static let programs = Checkout.path("Tests/DashboardPageTests/python")

    /// Every view of what the five tools made of three nights; a fourth night while the page is open, and a fifth that
    /// fails. With NOCTURNE_RECORD=1 it takes the documentation's screenshots.
    @Test func `the page shows what the five tools made`() throws {
        let place = try DemoNight.workplace()
        let uploads = Checkout.path("pipelines/digits/demo_uploads.py")
        for batch in ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"] {
            let uploaded = try Python.run(Python.demo, [uploads, "data/uploads", batch], in: place)
            #expect(uploaded.code == 0, "\(uploaded)")
        }
        for batch in ["2026-11-18", "2026-11-19", "2026-11-20"] {
            let night = try place.program("nocturne", ["nightly", "digits", batch]).run()
            #expect(night.code == 0, "\(night)")
        }
        var arguments = [Binaries.path("dashboard"), Binaries.path("nocturne")]
        if ProcessInfo.processInfo.environment["NOCTURNE_RECORD"] == "1" {
            arguments.append(Checkout.path("docs/images"))
        }
        try check("check_real.py", arguments, in: place)
    }

    /// States that a real night rarely reaches: several pipelines, long outages, errors, a server that requires a
    /// token.
    @Test func `the page is right in every state`() throws {
        try check(
            "check_states.py",
            [Checkout.path("Sources/Dashboard/Page"), Checkout.path(".deps/page")],
            in: Workplace(models: Checkout.path("pipelines/models")))
    }

    private func check(_ program: String, _ arguments: [String], in place: Workplace) throws {
        try Needs.check("browser", for: "browser")
        var check = Program(
            [Python.tests, "-B", "\(Self.programs)/\(program)"] + arguments, environment: place.environment,
            folder: place.path)
        check.limit = 2400
        let done = try check.run()
        #expect(done.code == 0, "\(done.err.suffix(8000))")
        #expect(done.err.hasSuffix("\nOK\n"), "tests ran, and none was skipped: \(done.err.suffix(500))")
    }
}
