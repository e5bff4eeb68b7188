import Foundation
import JSON
import TestServers
import TestTools
import Testing

/// The page's files, and the security headers of every answer.
@Suite struct PageTests {
    @Test func `every answer forbids what the page does not need`() throws {
        let dashboard = try Dashboard(.sqlite)
        for target in ["/", "/api/v1/me", "/api/v1/nothing", "/api/v1/predictions.csv", "/openapi.json"] {
            let headers = try dashboard.ask(target).headers
            let policy = try #require(headers["content-security-policy"], "\(target)")
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"), "\(target): \(policy)")
            #expect(headers["x-content-type-options"] == "nosniff" && headers["referrer-policy"] == "no-referrer")
            #expect(headers["cross-origin-opener-policy"] == "same-origin")
            #expect(headers["cross-origin-resource-policy"] == "same-origin")
        }
    }

    @Test func `every file of the page is served as it is`() throws {
        let dashboard = try Dashboard(.sqlite)
        let types = [
            "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
            "js": "text/javascript; charset=utf-8",
            "svg": "image/svg+xml",
        ]
        let files = FileManager.default.enumerator(atPath: Dashboard.page)?.compactMap { $0 as? String } ?? []
        var served = 0
        for file in files {
            guard let type = types[URL(fileURLWithPath: file).pathExtension] else { continue }
            let answer = try dashboard.ask("/\(file)")
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(Dashboard.page)/\(file)")))
            #expect(answer.status == 200 && answer.body == bytes && answer.headers["content-type"] == type, "\(file)")
            served += 1
        }
        #expect(served > 5)
        #expect(try dashboard.ask("/").body == dashboard.ask("/index.html").body)
        #expect(try dashboard.ask("/vendor/vue.esm-browser.prod.js").status == 200)
        #expect(try dashboard.ask("/vendor/NOTICE.txt").text.contains("Apache ECharts"))
    }

    @Test func `the page asks no other host`() throws {
        // Nothing that the page loads contains the address of another server.
        let files = FileManager.default.enumerator(atPath: Dashboard.page)?.compactMap { $0 as? String } ?? []
        for file in files where file.hasSuffix(".js") || file.hasSuffix(".html") || file.hasSuffix(".css") {
            let text = try String(contentsOfFile: "\(Dashboard.page)/\(file)", encoding: .utf8)
            for scheme in ["src=\"http", "href=\"http", "import(\"http", "from \"http", "url(http"] {
                #expect(!text.contains(scheme), "\(file) loads from elsewhere")
            }
        }
    }
}
