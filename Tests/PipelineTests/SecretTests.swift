import Foundation
import TestKit
import TestServers
import TestTools
import Testing

/// No secret reaches a file, a log, an error or a process list.
@Suite struct SecretTests {
    private static let token = "hunter2-Zq9+wJ=="

    /// The token as written in a URL.
    private static let encoded = token.replacingOccurrences(of: "+", with: "%2B")
        .replacingOccurrences(of: "=", with: "%3D")

    /// Every file under a workplace that contains the token in any readable form.
    private func leaks(_ place: Workplace) throws -> [String] {
        return try FileManager.default.subpathsOfDirectory(atPath: place.path).filter { name in
            guard let data = FileManager.default.contents(atPath: place[name]) else { return false }
            return [Self.token, Self.encoded, "hunter2"].contains { data.range(of: Data($0.utf8)) != nil }
        }
    }

    private func holdsNothing(_ done: Finished) -> Bool {
        !done.out.contains("hunter2") && !done.err.contains("hunter2")
    }

    @Test(.tags(.server)) func `the storage's secret stays in the environment`() throws {
        let place = try Workplace()
        let server = try TestServer.halfAListing()
        for (bucket, code) in [("error", Int32(69)), ("html", 69)] {
            let done = try place.program(
                "fetch",
                [
                    "small", Workplace.batch, "--set", "fetch.source=s3://\(bucket)/", "--set",
                    "fetch.endpoint=\(server.url)", "--set", "fetch.attempts=2", "--verbose", "--log-format", "json",
                ],
                environment: [
                    "AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": Self.token,
                    "AWS_SESSION_TOKEN": Self.token,
                ]
            ).run()
            #expect(done.code == code, "\(done)")
            #expect(holdsNothing(done), "\(done)")
        }
        #expect(try leaks(place) == [])
    }

    @Test(.tags(.server)) func `the database's password is nowhere`() throws {
        let place = try Workplace.finished()
        let server = try PostgresServer.running()
        let results = try server.makeDatabase()
        let role = "r" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        try server.psql("CREATE ROLE \(role) LOGIN PASSWORD '\(Self.token)'", in: "postgres")
        try server.psql("GRANT ALL ON SCHEMA public TO \(role)", in: results)
        let address = { (password: String, database: String) in
            "postgresql://\(role):\(password)@127.0.0.1:\(server.port)/\(database)"
        }
        let stored = try place.run(
            "store", "--verbose", environment: ["NOCTURNE_DATABASE_URL": address(Self.encoded, results)])
        #expect(stored.code == 0, "\(stored)")
        #expect(holdsNothing(stored), "\(stored)")
        let receipt = try place.text("\(place.stage("store"))/\(try #require(place.current("store")))/receipt.json")
        #expect(receipt.contains(results), "the receipt names the database")
        #expect(!receipt.contains(role), "and not the user")

        let lost = try place.run(
            "store", "--verbose", "--force",
            environment: ["NOCTURNE_DATABASE_URL": address(Self.encoded, "nosuchdatabase")])
        #expect([66, 69, 77, 78].contains(lost.code), "\(lost)")
        #expect(holdsNothing(lost), "\(lost)")

        let wrong = try place.run(
            "store", "--force", environment: ["NOCTURNE_DATABASE_URL": address("hunter2-wrong", results)])
        #expect(wrong.code == 77, "\(wrong)")
        #expect(holdsNothing(wrong), "\(wrong)")

        let variable = try place.run(
            "store", "--force", "--verbose",
            environment: [
                "NOCTURNE_DATABASE_URL": "postgresql://\(role)@127.0.0.1:\(server.port)/\(results)",
                "PGPASSWORD": Self.token,
            ])
        #expect(variable.code == 0, "\(variable)")
        #expect(holdsNothing(variable))
        #expect(try leaks(place) == [])
    }

    @Test func `an address with a password is refused in the configuration`() throws {
        for (old, new) in [
            ("sqlite:data/nocturne.db", "postgresql://someone:\(Self.token)@127.0.0.1/results"),
            ("recordings/{batch}/", "https://someone:\(Self.token)@127.0.0.1/index.jsonl"),
            ("recordings/{batch}/", "https://127.0.0.1/index.jsonl?X-Amz-Signature=\(Self.token)"),
        ] {
            let place = try Workplace()
            try place.configure(old, new)
            let done = try place.run("fetch")
            #expect(done.code == 78, "\(new): \(done)")
            #expect(holdsNothing(done), "the refusal itself tells the secret: \(done)")
            #expect(!place.exists(place.stage("fetch")), "nothing but the ending is written")
            let ending = try place.text("data/small/\(Workplace.batch)/.runs/fetch.json")
            #expect(ending.contains("secrets do not belong"), "the ending names the reason: \(ending)")
            #expect(!ending.contains(Self.token), "and not the secret: \(ending)")
        }
    }

    @Test func `an override with a password is refused without repeating it`() throws {
        let done = try Workplace.finished().run("store", "--set", "store.url=postgresql://a:\(Self.token)@127.0.0.1/x")
        #expect(done.code == 78, "\(done)")
        #expect(holdsNothing(done), "\(done)")
    }
}
