import Glibc
import TestKit
import TestTools
import Testing

/// SIGINT and SIGTERM stop a tool at the next item; a lock held by another run stops it at once.
@Suite struct StopTests {
    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func `a signal stops cleanly, and the next run continues`(_ number: Int32, _ code: Int32) throws {
        let place = try Workplace.finished()
        let whole = try Tree(place[place.stage("infer")])
        try place.remove(place.stage("infer"))
        let running = try place.program("infer", ["small", Workplace.batch]).start()
        #expect(try running.waits(for: "part-00000:"), "the first part is to be sealed")
        running.signal(number)
        let stopped = try running.finish()
        #expect(stopped.code == code, "\(stopped)")
        #expect(stopped.signal == nil, "it ends by itself, with its own message: \(stopped)")
        #expect(stopped.err.contains("run it again"), "\(stopped)")
        #expect(stopped.out.isEmpty)
        #expect(place.exists("\(place.stage("infer"))/v1/part-00000/part.json"), "sealed parts are kept")
        #expect(!place.exists("\(place.stage("infer"))/v1/batch.json"))
        try place.succeed("infer")
        let difference = try Tree(place[place.stage("infer")]).differences(from: whole)
        #expect(difference.isEmpty, "\(difference)")
    }

    @Test func `a terminal that hangs up stops like SIGTERM`() throws {
        let place = try Workplace.finished()
        try place.remove(place.stage("infer"))
        let running = try place.program("infer", ["small", Workplace.batch]).start()
        #expect(try running.waits(for: "part-00000:"), "the first part is to be sealed")
        running.signal(SIGHUP)
        let stopped = try running.finish()
        #expect(stopped.code == 143 && stopped.signal == nil && stopped.err.contains("run it again"), "\(stopped)")
        #expect(place.exists("\(place.stage("infer"))/v1/part-00000/part.json"), "sealed parts are kept")
    }

    @Test func `a signal while the storage is silent stops fetch`() throws {
        let listener = try SilentListener()
        let place = try Workplace()
        let running = try place.program(
            "fetch",
            ["small", Workplace.batch, "--set", "fetch.source=http://127.0.0.1:\(listener.port)/index.jsonl"]
        ).start()
        try listener.waitForCaller()
        running.signal(SIGTERM)
        let stopped = try running.finish()
        #expect(stopped.code == 143, "\(stopped)")
        #expect(stopped.seconds < 30, "a stalled transfer must not hold up a stop: \(stopped.seconds) s")
    }

    @Test func `a second run says that the first holds the lock`() throws {
        let place = try Workplace.finished()
        try place.remove(place.stage("infer"))
        let first = try place.program("infer", ["small", Workplace.batch]).start()
        #expect(try first.waits(for: "version v1"), "the first run has begun")
        let second = try place.run("infer")
        #expect(second.code == 75, "\(second)")
        #expect(second.err.contains("infer"), "\(second)")
        #expect(second.err.contains("again"), "the message says what to do: \(second)")
        let used = try place.program("batches", ["use", "small", Workplace.batch, "infer", "--unpin"]).run()
        #expect(used.code == 75, "current does not move during a run: \(used)")
        #expect(try first.finish().code == 0)
        try place.succeed("infer")
    }

    @Test func `two runs of different stages do not hinder each other`() throws {
        let place = try Workplace.finished()
        let runs = try ["clean", "featurize", "infer"].map {
            try place.program($0, ["small", Workplace.batch, "--force"]).start()
        }
        for run in runs {
            let done = try run.finish()
            #expect(done.code == 0, "\(done)")
        }
    }
}
