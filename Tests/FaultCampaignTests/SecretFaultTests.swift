import Foundation
import Glibc
import JSON
import TestKit
import TestServers
import TestTools
import Testing

/// A token planted wherever a secret may be appears nowhere else: not in what other users see of a running process, not
/// in a file, a log or an error, not in what a crash leaves. (`SecretTests` does the same with real services.)
@Suite(.tags(.slow)) struct SecretFaultTests {
    private static let token = "hunter2-Zq9wJ"

    /// Every variable that may contain a secret.
    private static let secrets = [
        "AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": token, "AWS_SESSION_TOKEN": token, "PGPASSWORD": token,
        "NOCTURNE_ALERT_WEBHOOK": "http://127.0.0.1:1/services/\(token)", "NOCTURNE_ALERT_SECRET": token,
    ]

    /// The files under a workplace that contain the token.
    private func leaks(_ place: Workplace) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: place.path).filter { name in
            FileManager.default.contents(atPath: place[name])?.range(of: Data("hunter2".utf8)) != nil
        }
    }

    private func holdsNothing(_ done: Finished) -> Bool { !(done.out + done.err).contains("hunter2") }

    @Test(arguments: Binaries.chain) func `nobody sees a secret while a tool runs`(_ tool: String) throws {
        let place = try Workplace(copying: Undisturbed(tool).before)
        let running = try place.program(
            tool, ["small", Workplace.batch, "--verbose"],
            environment: Self.secrets.merging(["NOCTURNE_FAULT": "rename:3:STOP"]) { $1 }
        ).start()
        #expect(try running.waitsUntilStopped())
        #expect(ProcessTable.environment(of: running.pid).contains(Self.token), "the tool was given it")
        let lines = try ProcessTable.commandLines()
        #expect(lines.contains { $0.contains("\(tool) small") }, "the tool is to be seen")
        #expect(lines.allSatisfy { !$0.contains("hunter2") })
        let children = try running.descendants()
        #expect(children.isEmpty == (tool != "clean"), "only clean has helpers")
        for child in children { #expect(!ProcessTable.environment(of: child).contains("hunter2")) }
        running.signal(SIGCONT)
        let done = try running.finish()
        #expect(done.code == 0 && holdsNothing(done), "\(done)")
        #expect(try leaks(place) == [])
    }

    @Test(arguments: Binaries.chain) func `a crash leaves no core`(_ tool: String) throws {
        let place = try Workplace(copying: Undisturbed(tool).before)
        // Core files are enabled as far as the machine allows.
        var program = Program(
            [
                "/bin/sh", "-c", #"ulimit -S -c "$(ulimit -H -c)"; exec "$0" "$@""#, Binaries.path(tool), "small",
                Workplace.batch,
            ],
            environment: place.environment.merging(Self.secrets) { $1 }
                .merging(["NOCTURNE_FAULT": "rename:1:STOP", "SWIFT_BACKTRACE": "enable=no"]) { $1 },
            folder: place.path)
        program.owner = place
        let running = try program.start()
        #expect(try running.waitsUntilStopped())
        running.signal(SIGABRT)
        running.signal(SIGCONT)
        let done = try running.finish()
        #expect(done.signal == SIGABRT, "\(done)")
        #expect(!done.leftCore)
        #expect(try leaks(place) == [])
    }

    @Test func `a night with every secret and every trouble reveals none`() throws {
        let place = try Workplace()
        // The webhook fails, the command runs; both for the recording that clean rejects.
        try place.configure(
            "[fetch]\n",
            """
            [alerts]
            min_success_rate = "95%"
            command = ["sh", "-c", "env | grep -c NOCTURNE_ALERT_SECRET >alerts.txt; cat >>alerts.txt"]

            [fetch]

            """)
        let arguments = ["nightly", "small", Workplace.batch]
        let done = try place.program("nocturne", arguments, environment: Self.secrets).run()
        #expect(done.code == 0, "\(done)")
        #expect(done.out.contains("the alert channel 'webhook' failed"), "\(done)")
        #expect(holdsNothing(done), "\(done)")
        #expect(try place.text("alerts.txt").hasPrefix("0\n"), "the command does not get the webhook's secret")
        // Then a night that fails.
        try place.configure("digits@production", "digits@nothing")
        let failed = try place.program("nocturne", arguments, environment: Self.secrets).run()
        #expect(failed.code == 78 && holdsNothing(failed), "\(failed)")
        #expect(try leaks(place) == [])
    }

    @Test(.tags(.server)) func `a signed address in an index is used and not recorded`() throws {
        let place = try Workplace()
        let server = try TestServer.faulty()
        let done = try place.run(
            "fetch", "--set", "fetch.source=\(server.url)/presigned/index.jsonl", "--set", "fetch.include=*",
            "--verbose", "--log-format", "json")
        #expect(done.code == 0 && holdsNothing(done), "\(done)")
        #expect(try place.ids("fetch/v1").count == 2)
        #expect(try place.rejects("fetch/v1").compactMap { $0["reason"]?.string } == ["vanished"])
        #expect(try leaks(place) == [])
    }

    @Test(arguments: [
        "fetch.endpoint=http://someone:\(token)@127.0.0.1:1",
        "fetch.source=https://someone:\(token)@127.0.0.1/index.jsonl",
        "fetch.source=s3://\(token)@uploads/?X-Amz-Signature=\(token)",
    ])
    func `an address with a secret is refused without repeating it`(_ setting: String) throws {
        let place = try Workplace()
        let done = try place.run("fetch", "--set", setting, environment: Self.secrets)
        #expect(done.code == 78 && holdsNothing(done), "\(done)")
        #expect(try leaks(place) == [])
    }
}
