import Foundation
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// Who may use the server, and in which role.
@Suite struct AccessTests {
    /// A dashboard that requires tokens, with one token of each role.
    private struct Guarded {
        let dashboard: Dashboard
        let viewer: String
        let engineer: String

        init(_ arguments: [String] = []) throws {
            let place = try Workplace.finished()
            viewer = try Self.token(place, "anna", "viewer")
            engineer = try Self.token(place, "ben", "engineer")
            dashboard = try Dashboard(place, ["--tokens", "tokens"] + arguments)
        }

        /// Makes a token as an operator does, and returns the secret.
        static func token(_ place: Workplace, _ name: String, _ role: String) throws -> String {
            let made = try place.program("dashboard", ["token", name, "--role", role]).run()
            guard made.code == 0, let secret = made.err.split(separator: " ").last else {
                throw HarnessError("\(made)")
            }
            let known = place.exists("tokens") ? try place.text("tokens") : "# who may come in\n"
            try place.write("tokens", known + made.out)
            return String(secret.dropLast())
        }

        func ask(_ target: String, _ token: String) throws -> Answer {
            try dashboard.ask(target, headers: ["Authorization: Bearer \(token)"])
        }
    }

    @Test func `there are no results without a token`() throws {
        let guarded = try Guarded()
        for target in ["/api/v1/me", "/api/v1/predictions", "/api/v1/predictions.csv", "/api/v1/events", "/metrics"] {
            let answer = try guarded.dashboard.ask(target)
            #expect(
                answer.status == 401 && answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true, "\(answer)")
        }
        // The page itself, and what a monitor requests, contain no results.
        for target in ["/", "/healthz", "/readyz", "/openapi.json"] {
            #expect(try guarded.dashboard.ask(target).status == 200, "\(target)")
        }
    }

    @Test func `a token tells who asks`() throws {
        let guarded = try Guarded()
        let me = try guarded.ask("/api/v1/me", guarded.viewer).json()
        #expect(me["name"]?.string == "anna" && me["role"]?.string == "viewer" && me["audio"]?.bool == false)
        #expect(try guarded.ask("/api/v1/me", guarded.engineer).json()["audio"]?.bool == true)
        #expect(try guarded.ask("/api/v1/me", guarded.viewer.dropLast() + "").status == 401)
        #expect(try guarded.ask("/api/v1/me", guarded.viewer + "0").status == 401)
        let basic = try guarded.dashboard.ask("/api/v1/me", headers: ["Authorization: Basic \(guarded.viewer)"])
        #expect(basic.status == 401)
    }

    @Test func `a viewer gets no sound`() throws {
        let guarded = try Guarded()
        let rows = try guarded.ask("/api/v1/predictions?limit=1", guarded.viewer).json()["predictions"]?.array
        let id = try #require(rows?.first?["item"]?.string).replacing("/", with: "%2F")
        let audio = "/api/v1/item/audio?pipeline=small&batch=\(Workplace.batch)&id=\(id)"
        #expect(try guarded.ask(audio, guarded.viewer).status == 403)
        #expect(try guarded.dashboard.audit().isEmpty, "nothing was handed out")
        #expect(try guarded.ask(audio, guarded.engineer).status == 200)
        #expect(try guarded.dashboard.audit().map { $0["name"]?.string } == ["ben"])
    }

    @Test func `a viewer's pictures are too coarse to reconstruct the sound`() throws {
        let guarded = try Guarded()
        let rows = try guarded.ask("/api/v1/predictions?limit=1", guarded.viewer).json()["predictions"]?.array
        let id = try #require(rows?.first?["item"]?.string).replacing("/", with: "%2F")
        let item = "pipeline=small&batch=\(Workplace.batch)&id=\(id)"
        let wave = try guarded.ask("/api/v1/item/waveform?\(item)&points=4000", guarded.viewer).json()
        let seconds = try #require(wave["seconds"]?.double)
        #expect((1...Int(seconds * 100)).contains(wave["minimum"]?.array?.count ?? 0), "\(seconds) s")
        let spectrogram = try guarded.ask("/api/v1/item/spectrogram?\(item)", guarded.viewer).json()
        #expect((1...Int(seconds * 25)).contains(spectrogram["frames"]?.int ?? 0), "\(seconds) s")
        #expect((spectrogram["bands"]?.int ?? 41) <= 40)
    }

    @Test func `a browser gets a session for a token`() throws {
        let guarded = try Guarded()
        let dashboard = guarded.dashboard
        let body = #"{"token":"\#(guarded.viewer)"}"#
        let answer = try dashboard.ask(
            "/login", method: "POST", headers: ["Content-Type: application/json"], body: body)
        #expect(answer.status == 204, "\(answer)")
        let cookie = try #require(answer.headers["set-cookie"])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains(guarded.viewer))
        let pair = "Cookie: other=1; " + (cookie.split(separator: ";").first ?? "")
        #expect(try dashboard.json("/api/v1/me", headers: [pair])["name"]?.string == "anna")
        #expect(try dashboard.ask("/logout", method: "POST", headers: [pair]).status == 204)
        #expect(try dashboard.ask("/api/v1/me", headers: [pair]).status == 401)
    }

    @Test func `a form signs in too, and a wrong token does not`() throws {
        let guarded = try Guarded()
        let form = ["Content-Type: application/x-www-form-urlencoded"]
        let good = try guarded.dashboard.ask("/login", method: "POST", headers: form, body: "token=\(guarded.engineer)")
        #expect(good.status == 303 && good.headers["location"] == "/" && good.headers["set-cookie"] != nil)
        let wrong = try guarded.dashboard.ask("/login", method: "POST", headers: form, body: "token=nocturne_00")
        #expect(wrong.status == 401 && wrong.headers["set-cookie"] == nil)
        for body in ["", "{}", "{", "[1]", #"{"token":7}"#] {
            #expect(try guarded.dashboard.ask("/login", method: "POST", body: body).status == 400, "\(body)")
        }
    }

    @Test func `another site's page cannot sign anyone in`() throws {
        let guarded = try Guarded()
        let body = #"{"token":"\#(guarded.viewer)"}"#
        let foreign = try guarded.dashboard.ask(
            "/login", method: "POST", headers: ["Origin: http://elsewhere.example"], body: body)
        #expect(foreign.status == 403 && foreign.headers["set-cookie"] == nil)
        let own = try guarded.dashboard.ask(
            "/login", method: "POST", headers: ["Origin: http://127.0.0.1:\(guarded.dashboard.port)"], body: body)
        #expect(own.status == 204)
    }

    @Test func `a removed token lets nobody in`() throws {
        let guarded = try Guarded()
        let body = #"{"token":"\#(guarded.viewer)"}"#
        let cookie = try #require(try guarded.dashboard.ask("/login", method: "POST", body: body).headers["set-cookie"])
        let pair = "Cookie: " + (cookie.split(separator: ";").first ?? "")
        #expect(try guarded.dashboard.ask("/api/v1/me", headers: [pair]).status == 200)
        let lines = try guarded.dashboard.place.text("tokens").split(separator: "\n")
        try guarded.dashboard.place.write(
            "tokens", lines.filter { !$0.hasPrefix("anna ") }.joined(separator: "\n") + "\n")
        #expect(try status(guarded, until: 401) == 401)
        #expect(try guarded.dashboard.ask("/api/v1/me", headers: [pair]).status == 401, "its sessions end with it")
        #expect(try guarded.ask("/api/v1/me", guarded.engineer).status == 200)
    }

    /// Hasty edits of the file, and which tokens are still accepted.
    private static let hurries: [(name: String, change: @Sendable (Workplace) throws -> Void, isBenIn: Bool)] = [
        ("emptied", { try $0.write("tokens", "") }, false),
        ("deleted", { try $0.remove("tokens") }, false),
        (
            "damaged",
            { place in
                let known = try place.text("tokens")
                try place.write("tokens", known.replacing("anna viewer ", with: "anna viewer x"))
            }, true
        ),
    ]

    @Test(arguments: [0, 1, 2]) func `an invalid token file lets in nobody it does not name`(_ number: Int) throws {
        let hurry = Self.hurries[number]
        let guarded = try Guarded()
        let known = try guarded.dashboard.place.text("tokens")
        #expect(try guarded.ask("/api/v1/me", guarded.viewer).status == 200)
        try hurry.change(guarded.dashboard.place)
        #expect(try status(guarded, until: 401) == 401, "\(hurry.name)")
        #expect(try guarded.ask("/api/v1/me", guarded.engineer).status == (hurry.isBenIn ? 200 : 401), "\(hurry.name)")
        try guarded.dashboard.place.write("tokens", known)
        #expect(try status(guarded, until: 200) == 200, "\(hurry.name)")
        let said = try guarded.dashboard.stop().complaints.filter { $0.contains(#""event": "tokens""#) }
        #expect(
            !said.isEmpty && said.allSatisfy { $0.contains("'tokens'") || $0.contains("tokens:2") },
            "\(hurry.name): \(said)")
    }

    /// The viewer's status once it is as wanted, otherwise the last one. The file is checked once a second.
    private func status(_ guarded: Guarded, until wanted: Int) throws -> Int {
        var status = 0
        for _ in 0..<600 where status != wanted {
            usleep(50_000)
            status = try guarded.ask("/api/v1/me", guarded.viewer).status
        }
        return status
    }

    @Test func `the secret is nowhere`() throws {
        let guarded = try Guarded()
        _ = try guarded.ask("/api/v1/predictions.csv", guarded.viewer)
        _ = try guarded.ask("/api/v1/me", guarded.viewer + "x")
        #expect(!(try guarded.dashboard.place.text("tokens")).contains(guarded.viewer))
        #expect(!(try guarded.dashboard.place.text("audit.jsonl")).contains(guarded.viewer))
        #expect(!(try guarded.dashboard.stop().err).contains(guarded.viewer))
    }

    @Test func `strangers cannot reach a server without tokens`() throws {
        let place = try Workplace()
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "dashboard.example.org:0"] {
            let done = try Dashboard.refusal(place, ["--listen", address])
            #expect(done.code == 78 && done.err.contains("--tokens"), "\(done)")
        }
        let behind = try Dashboard.refusal(place, ["--public-url", "https://dashboard.example.org"])
        #expect(behind.code == 78 && behind.err.contains("--tokens"), "\(behind)")
    }

    @Test func `wrong arguments are reported`() throws {
        let place = try Workplace()
        try place.write("damaged", "anna viewer 12\n")
        try place.write("empty", "# no user\n")
        let cases: [([String], Int32, String)] = [
            (["--listen", "here"], 64, "HOST:PORT"), (["--listen", "127.0.0.1:99999"], 64, "HOST:PORT"),
            (["--tokens", "nowhere"], 66, "nowhere"), (["--tokens", "damaged"], 78, "damaged:1"),
            (["--tokens", "empty"], 78, "no token"), (["--page", "pipelines"], 66, "index.html"),
            (["--public-url", "dashboard"], 78, "https://"), (["--audit-log", "no/such/folder/a"], 66, "no/such"),
            (["--database", "mysql://x"], 78, "postgresql://"),
            (["--database", "postgresql://a:secret@127.0.0.1/x"], 64, "PGPASSFILE"),
        ]
        for (arguments, code, words) in cases {
            let done = try Dashboard.refusal(place, arguments)
            #expect(done.code == code && done.err.contains(words) && !done.err.contains("secret@"), "\(done)")
        }
        #expect(try Dashboard.refusal(place, [], database: nil).code == 64)
    }

    @Test func `a port in use is reported`() throws {
        let dashboard = try Dashboard(.sqlite)
        let done = try Dashboard.refusal(dashboard.place, ["--listen", "127.0.0.1:\(dashboard.port)"])
        #expect(done.code == 69 && done.err.contains("in use"), "\(done)")
    }
}
