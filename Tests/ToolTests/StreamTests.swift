import Foundation
import Glibc
import JSON
import TestKit
import TestTools
import Testing

/// stdout carries only the result; everything for people goes to stderr.
@Suite(.tags(.slow)) struct StreamTests {
    @Test func `every stage prints one line: the path of its version`() throws {
        let place = try Workplace()
        for tool in Binaries.chain {
            let done = try place.run(tool)
            #expect(done.code == 0, "\(done)")
            #expect(done.out == "\(place.stage(tool))/v1\n")
            #expect(place.exists("\(place.stage(tool))/v1/batch.json"))
            #expect(place.current(tool) == "v1")
        }
    }

    @Test func `the second time there is nothing to do, and the path is the same`() throws {
        let place = try Workplace.finished()
        let before = try Tree(place["data"])
        for tool in Binaries.chain {
            let done = try place.run(tool)
            #expect(done.code == 0, "\(done)")
            #expect(done.out == "\(place.stage(tool))/v1\n")
        }
        #expect(
            try Tree(place["data"], skipping: ["nocturne.db"]).differences(from: before).allSatisfy {
                $0.contains("nocturne.db")
            })
    }

    @Test(arguments: Binaries.chain) func `JSON prints one object`(_ tool: String) throws {
        let place = try Workplace.finished()
        let done = try place.run(tool, "--json")
        #expect(done.code == 0, "\(done)")
        try #require(done.lines.count == 1)
        let summary = try #require(try JSON(parsing: Array(done.out.utf8)).object)
        #expect(summary["path"]?.string == "\(place.stage(tool))/v1")
        #expect(summary["status"]?.string == "current")
        #expect(summary["parts_made"]?.int == 0)
        #expect(summary["fingerprint"]?.string?.count == 64)
    }

    @Test func `JSON counts items and rejections`() throws {
        let place = try Workplace.finished()
        let fetched = try #require(try JSON(parsing: Array(place.run("fetch", "--json").out.utf8)).object)
        #expect(fetched["items_in"]?.int == 10)
        #expect(fetched["items"]?.int == 9)
        #expect(fetched["rejected_by_reason"]?["duplicate"]?.int == 1)
        let cleaned = try #require(try JSON(parsing: Array(place.run("clean", "--json").out.utf8)).object)
        #expect(cleaned["items_in"]?.int == 9)
        #expect(cleaned["items"]?.int == 8)
        #expect(cleaned["rejected_by_reason"]?["truncated"]?.int == 1)
    }

    @Test(arguments: Binaries.chain) func `JSON log lines are objects with time, level and event`(_ tool: String) throws
    {
        let place = try Workplace.finished()
        let done = try place.run(tool, "--force", "--log-format", "json", "--verbose")
        #expect(done.code == 0, "\(done)")
        #expect(done.complaints.count >= 1, "a run that makes something says so")
        for line in done.complaints {
            let event = try #require(try JSON(parsing: Array(line.utf8)).object, "no object: \(line)")
            #expect(event["time"]?.string?.hasSuffix("Z") == true, "\(line)")
            #expect(["debug", "info", "warning", "error"].contains(event["level"]?.string ?? ""), "\(line)")
            #expect(event["event"]?.string?.isEmpty == false, "\(line)")
        }
    }

    @Test func `a JSON log holds the failure, too`() throws {
        let done = try Workplace().run("clean", "--log-format", "json")
        #expect(done.code == 66)
        for line in done.complaints {
            #expect(throws: Never.self, "a failure's line must parse like any other: \(line)") {
                _ = try JSON(parsing: Array(line.utf8))
            }
        }
    }

    @Test(arguments: Binaries.chain) func `quiet says nothing of a success`(_ tool: String) throws {
        let done = try Workplace.finished().run(tool, "--force", "--quiet")
        #expect(done.code == 0, "\(done)")
        #expect(done.err.isEmpty, "\(done)")
    }

    @Test func `quiet still reports the failure`() throws {
        let done = try Workplace().run("clean", "--quiet")
        #expect(done.code == 66)
        #expect(done.complaints.count == 1, "\(done)")
    }

    @Test(arguments: Binaries.chain) func `there is no bar where nobody watches`(_ tool: String) throws {
        let done = try Workplace.finished().run(tool, "--force")
        #expect(!done.err.contains("\r") && !done.err.contains("\u{1B}"), "a log file is not a terminal: \(done)")
    }

    @Test(arguments: Binaries.chain) func `a bar can be asked for`(_ tool: String) throws {
        let done = try Workplace.finished().run(tool, "--force", "--progress", "always")
        #expect(done.code == 0)
        // The store loads everything at once; every other tool shows its progress.
        if tool != "store" { #expect(done.err.contains("[#"), "\(done)") }
    }

    @Test(arguments: Binaries.chain + ["batches"]) func `a full stdout does not look like success`(_ tool: String)
        throws
    {
        let place = try Workplace.finished()
        var program = place.program(tool, tool == "batches" ? ["list"] : ["small", Workplace.batch])
        for output in [Output.file("/dev/full"), .closed] {
            program.output = output
            let done = try program.run()
            #expect(done.code == 74, "stdout \(output): \(done)")
            #expect(done.err.contains("standard output"), "stdout \(output): \(done)")
        }
    }

    @Test(arguments: Binaries.chain) func `a reader that has gone away ends a tool quietly`(_ tool: String) throws {
        let undisturbed = try Undisturbed(tool)
        let place = try Workplace(copying: undisturbed.before)
        var program = place.program(tool, ["small", Workplace.batch, "--quiet"])
        program.output = .brokenPipe
        let done = try program.run()
        #expect(done.signal == SIGPIPE && done.err.isEmpty && !done.leftCore, "as git and grep end: \(done)")
        #expect(place.current(tool) == "v1", "what there was to do is done")
        let differences = try undisturbed.differences(afterRerunIn: place)
        #expect(differences.isEmpty, "\(differences)")
    }

    @Test(
        arguments: [
            ["list"], ["list", "--json"], ["show", "small", Workplace.batch], ["verify", "small"],
            ["diff", "small", Workplace.batch, "clean", "v1", "v1"], ["gc", "--dry-run"], ["show", "--help"],
        ])
    func `a reader that has gone away ends batches quietly`(_ arguments: [String]) throws {
        var program = try Workplace.finished().program("batches", arguments)
        program.output = .brokenPipe
        let done = try program.run()
        #expect(done.signal == SIGPIPE && done.err.isEmpty, "\(done)")
    }

    @Test func `a fault is reported even if nobody reads the output`() throws {
        let place = try Workplace.finished()
        try place.flip("\(place.stage("clean"))/v1/run.json", at: 20)
        var program = place.program("batches", ["verify", "small", "--json"])
        program.output = .brokenPipe
        let done = try program.run()
        #expect(done.code == 65 && done.err.contains("clean/v1/run.json"), "\(done)")
    }

    @Test func `help into a full disk fails, too`() throws {
        var program = try Workplace().program("fetch", ["--help"])
        program.output = .file("/dev/full")
        #expect(try program.run().code == 74)
    }
}
