import Foundation
import TestKit
import TestTools
import Testing

/// The text of `--help` is an interface: scripts, manual pages and people rely on it.
///
/// The expected texts are in `Snapshots`. `NOCTURNE_RECORD=1` writes them again and fails the run, so that they are
/// not recorded by accident.
@Suite struct HelpTests {
    static let commands: [[String]] =
        Binaries.chain.map { [$0] } + [["batches"], ["dashboard"], ["nocturne"]]
        + ["list", "show", "verify", "diff", "use", "gc"].map { ["batches", $0] }
        + ["serve", "token"].map { ["dashboard", $0] }
        + ["nightly", "stream", "backfill", "late", "alerts", "stages", "default-batch"].map { ["nocturne", $0] }

    @Test(arguments: commands) func `help is as recorded`(_ command: [String]) throws {
        let place = try Workplace()
        let done = try place.program(command[0], command.dropFirst() + ["--help"]).run()
        #expect(done.code == 0, "\(done)")
        #expect(done.err.isEmpty, "help is a result: it goes to stdout")
        try compare(done.out, with: command.joined(separator: "-"))
    }

    private func compare(_ text: String, with name: String) throws {
        let file = URL(fileURLWithPath: Checkout.path("Tests/ToolTests/Snapshots/\(name).txt"))
        if ProcessInfo.processInfo.environment["NOCTURNE_RECORD"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            Issue.record("recorded \(file.path); look at the difference, then run without NOCTURNE_RECORD")
            return
        }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == expected, "\(name) --help has changed; NOCTURNE_RECORD=1 make test ONLY=HelpTests records it")
    }

    @Test(arguments: Binaries.chain + ["batches", "dashboard", "nocturne"])
    func `the version names tool, release and commit`(
        _ tool: String
    ) throws {
        let done = try Workplace().program(tool, ["--version"]).run()
        #expect(done.code == 0, "\(done)")
        #expect(done.lines.count == 1)
        #expect(done.out.contains(try Regex("^\(tool) [0-9]+\\.[0-9]+\\.[0-9]+ \\([0-9a-f]{9}\\+?\\)\n$")), "\(done)")
    }

    @Test(arguments: Binaries.chain) func `help lists the exit codes`(_ tool: String) throws {
        let help = try Workplace().program(tool, ["--help"]).run().out
        for code in [0, 10, 64, 65, 66, 69, 70, 74, 75, 77, 78, 130, 143] {
            #expect(help.contains("\(code)"), "\(tool) --help says nothing of exit code \(code)")
        }
    }
}
