import Foundation
import Glibc
import TestKit
import TestTools
import Testing

/// One night of a batch at a time, and no tool outlives its night.
@Suite(.tags(.slow)) struct StreamLockTests {
    private func program(_ place: Workplace, _ command: String) -> Program {
        place.program("nocturne", [command, "small", Workplace.batch])
    }

    /// A place whose recordings never arrive: a night there ends only if it is stopped.
    private func endless(_ listener: SilentListener) throws -> Workplace {
        let place = try Workplace()
        try place.configure("recordings/{batch}/", "http://127.0.0.1:\(listener.port)/index.jsonl")
        return place
    }

    /// The tools that a night has started, as soon as all of them have become programs of their own.
    private func tools(of night: Running, atLeast count: Int) throws -> [pid_t] {
        var found: [pid_t] = []
        try wait(for: "\(count) programs of a night") {
            found = try night.descendants()
            let programs = found.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/exe")
            }
            return programs.count >= count && !programs.contains { $0.hasSuffix("/nocturne") }
        }
        return found
    }

    /// Whether a night was killed, or was through before the signal came, as happens on a busy machine.
    private func wasKilled(_ night: Running) throws -> Bool {
        let done = try night.finish()
        return done.signal == SIGKILL || done.code == 0
    }

    private func differences(_ place: Workplace) throws -> [String] {
        let undisturbed = try Workplace.finished()
        return try Tree(place["data/small"], skipping: [".stamps"])
            .differences(from: Tree(undisturbed["data/small"]))
    }

    @Test(arguments: ["stream", "nightly"]) func `a second night says who is at work`(_ command: String) throws {
        let listener = try SilentListener()
        let place = try endless(listener)
        let first = try program(place, command).start()
        try place.wait(for: "\(place.stage("fetch"))/.locks/writer")
        for other in ["stream", "nightly"] {
            let second = try program(place, other).run()
            #expect(second.code == 75, "\(second)")
            #expect(second.err.contains("nocturne \(command), process \(first.pid) on "), "\(second)")
            #expect(second.out.isEmpty && second.seconds < 20, "it did not wait, the first would never end: \(second)")
        }
        let filled = try place.program("nocturne", ["backfill", "small", Workplace.batch, Workplace.batch]).run()
        #expect(filled.code == 75 && filled.out.contains("process \(first.pid)"), "\(filled)")
        first.signal(SIGTERM)
        let done = try first.finish()
        #expect(done.code == 143 && done.out.contains("exit code 143"), "\(done)")
    }

    @Test func `of two that begin together one wins`() throws {
        let listener = try SilentListener()
        let place = try endless(listener)
        let both = [try program(place, "stream").start(), try program(place, "stream").start()]
        // The winner's night has no end: what ends is the other.
        try wait(for: "the end of one of two nights") { both.contains { !ProcessTable.isRunning($0.pid) } }
        let winners = both.filter { ProcessTable.isRunning($0.pid) }
        try #require(winners.count == 1)
        winners[0].signal(SIGTERM)
        let done = try both.map { try $0.finish() }
        #expect(done.map(\.code).sorted() == [75, 143], "\(done)")
        try place.configure("http://127.0.0.1:\(listener.port)/index.jsonl", "recordings/{batch}/")
        #expect(try program(place, "stream").run().code == 0)
        #expect(try differences(place) == [])
    }

    @Test(arguments: ["stream", "nightly"]) func `no child has the night's lock`(_ command: String) throws {
        let listener = try SilentListener()
        let place = try endless(listener)
        let night = try program(place, command).start()
        try place.wait(for: "\(place.stage("fetch"))/.locks/writer")
        let children = try tools(of: night, atLeast: 5)
        let locks = [place["data/small/\(Workplace.batch)"], place["data/small/\(Workplace.batch)/.locks/night"]]
        for child in children {
            // A tool opens its batch's folder briefly to flush it; an inherited lock stays open. A tool that has ended
            // meanwhile has nothing open.
            var held: [String] = []
            for _ in 0..<500 {
                held = ((try? ProcessTable.openFiles(of: child)) ?? []).filter(locks.contains)
                if held.isEmpty { break }
                usleep(10_000)
            }
            #expect(held == [])
        }
        night.signal(SIGTERM)
        #expect(try night.finish().code == 143)
    }

    @Test(arguments: ["stream", "nightly"]) func `the tools of a night that was killed end`(_ command: String) throws {
        let listener = try SilentListener()
        let place = try endless(listener)
        let night = try program(place, command).start()
        try place.wait(for: "\(place.stage("fetch"))/.locks/writer")
        let tools = try tools(of: night, atLeast: 5)
        night.signal(SIGKILL)
        // It ends only when the last of them has closed the standard error that they share.
        #expect(try night.finish().signal == SIGKILL)
        // The process that inherits them may take its time to reap them.
        for tool in tools { try wait(for: "the end of \(tool)") { !ProcessTable.isRunning(tool) } }
    }

    private static let moments = [
        "fetch/.locks/writer", "fetch/v1/run.json", "fetch/v1/part-00001/part.json", "clean/v1/part-00000/part.json",
        "featurize/v1/part-00001/part.json", "infer/v1/run.json", "infer/v1/part-00002/part.json", "store/v1/run.json",
    ]

    @Test(arguments: moments) func `a killed stream is continued at once`(_ moment: String) throws {
        let place = try Workplace()
        let first = try program(place, "stream").start()
        try place.wait(for: place.stage(moment))
        first.signal(SIGKILL)
        #expect(try !first.waitsUntilStopped(), "it is dead")
        // Its tools may still be working on their current items.
        let second = try program(place, "stream").run()
        #expect(second.code == 0, "\(second)")
        #expect(try wasKilled(first))
        #expect(try differences(place) == [])
    }

    @Test(arguments: ["clean/v1/run.json", "infer/v1/part-00000/part.json"])
    func `a killed night is continued at once`(_ moment: String) throws {
        let place = try Workplace()
        let first = try program(place, "nightly").start()
        try place.wait(for: place.stage(moment))
        first.signal(SIGKILL)
        #expect(try !first.waitsUntilStopped(), "it is dead")
        let second = try program(place, "nightly").run()
        #expect(second.code == 0, "\(second)")
        #expect(try wasKilled(first))
        #expect(try differences(place) == [])
    }

    @Test(arguments: ["fetch", "clean", "infer", "store"])
    func `a lock that a stage meets stops the others`(_ stage: String) throws {
        let listener = try SilentListener()
        let place = try endless(listener)
        try FileManager.default.createDirectory(
            atPath: place[place.stage(stage)], withIntermediateDirectories: true)
        let folder = open(place[place.stage(stage)], O_RDONLY | O_CLOEXEC)
        defer { close(folder) }
        #expect(flock(folder, LOCK_EX) == 0)
        if stage == "store" {
            // It takes its lock when infer has ended.
            try place.configure("http://127.0.0.1:\(listener.port)/index.jsonl", "recordings/{batch}/")
        }
        let done = try program(place, "stream").run()
        #expect(done.code == 75, "\(done)")
        #expect(done.out.contains("failed in \(stage) with exit code 75"), "\(done)")
        #expect(done.err.contains("another run is writing '\(place.stage(stage))'"), "\(done)")
    }

    @Test func `a stage that fails stops the others and is the cause`() throws {
        let listener = try SilentListener()
        let place = try endless(listener)
        try place.configure("digits@production", "digits@99")
        let done = try program(place, "stream").run()
        #expect(done.code == 78, "\(done)")
        #expect(done.out.contains("failed in infer with exit code 78"), "\(done)")
    }
}
