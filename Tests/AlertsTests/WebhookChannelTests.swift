import Alerts
import Fault
import Foundation
import JSON
import TestKit
import TestServers
import Testing
import Transfer

/// Posts alerts to a receiver that checks signatures with another library.
@Suite(.tags(.server)) struct WebhookChannelTests {
    private let server: TestServer

    init() throws { server = try TestServer("webhook.py") }

    private func deliver(
        _ path: String, id: String = "digits/2026-11-20/infer/memory/v1", secret: String? = "hush", timeout: Double = 20
    ) throws {
        let payload = RaisedAlert(id: id, alert: .example(), raisedAt: "then").payload(host: "hére")
        try WebhookChannel(url: server.url + path, secret: secret, timeout: timeout).deliver(payload, id: id)
    }

    private func posted() throws -> [JSON] {
        let url = try #require(URL(string: server.url + "/_log"))
        return try #require(try JSON(parsing: [UInt8](Data(contentsOf: url))).array)
    }

    @Test func `an alert arrives once, signed, as JSON`() throws {
        try deliver("/ok")
        let posts = try posted()
        #expect(posts.count == 1)
        #expect(posts[0]["signed"] == true)
        #expect(posts[0]["type"] == "application/json")
        #expect(posts[0]["id"] == "digits/2026-11-20/infer/memory/v1")
        let body = try JSON(parsing: try #require(posts[0]["body"]?.string))
        #expect(body["message"] == "infer ended \"badly\"\n" && body["host"] == "hére")
        let timestamp = try #require(posts[0]["timestamp"]?.string.flatMap(Double.init))
        #expect(abs(timestamp - Date().timeIntervalSince1970) < 600)
    }

    @Test func `another secret is another signature`() throws {
        try deliver("/ok", secret: "hash")
        #expect(try posted().map { $0["signed"] } == [false])
    }

    @Test func `without a secret nothing is sent`() throws {
        for secret in [nil, ""] {
            let fault = #expect(throws: Fault.self) { try deliver("/ok", secret: secret) }
            #expect(fault?.message.contains("NOCTURNE_ALERT_SECRET") == true)
        }
        #expect(try posted().isEmpty)
    }

    @Test func `an overloaded receiver is asked again, under the same id`() throws {
        try deliver("/once-503")
        let posts = try posted()
        #expect(posts.count == 2)
        #expect(Set(posts.compactMap { $0["id"]?.string }).count == 1)
        #expect(posts.allSatisfy { $0["signed"] == true })
    }

    @Test(arguments: [("/refuse", "403"), ("/redirect", "302")])
    func `a refusal is final, and a redirect is one`(path: String, status: String) throws {
        let fault = #expect(throws: Fault.self) { try deliver(path) }
        #expect(fault?.message == "the webhook answered \(status)")
        #expect(try posted().count == 1)
    }

    @Test func `a receiver that does not answer is not waited for`() throws {
        let fault = #expect(throws: Fault.self) { try deliver("/slow", timeout: 0.5) }
        #expect(fault?.message == "the webhook did not answer within 0.5 s")
    }

    @Test func `nobody there is a failure that does not tell the address`() throws {
        let fault = #expect(throws: Fault.self) {
            try WebhookChannel(url: "http://127.0.0.1:1/hooks/T0K3N", secret: "hush", timeout: 5).deliver([], id: "id")
        }
        #expect(fault?.kind == .unavailable)
        #expect(fault?.description.contains("T0K3N") == false)
    }
}
