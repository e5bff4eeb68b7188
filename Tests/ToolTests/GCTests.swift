import Foundation
import Glibc
import JSON
import TestKit
import TestTools
import Testing

/// `batches gc`: what is removed, what stays, and that the next night is unaffected.
@Suite(.tags(.slow)) struct GCTests {
    /// A night in which every stage has two versions, because one recording came late.
    private static let two = Result {
        let place = try Workplace.finished()
        try place.write("\(Workplace.source)/device-05/new.wav", Recording(seed: 50).bytes)
        for tool in Binaries.chain { try place.succeed(tool) }
        return place
    }

    private func twoNights() throws -> Workplace { try Workplace(copying: Self.two.get()) }

    private func gc(_ place: Workplace, _ arguments: String..., environment: [String: String] = [:]) throws -> Finished
    {
        try place.program("batches", ["gc"] + arguments, environment: environment).run()
    }

    private func versions(_ place: Workplace) throws -> [String] {
        try Binaries.chain.flatMap { stage in
            try FileManager.default.contentsOfDirectory(atPath: place[place.stage(stage)])
                .filter { $0.hasPrefix("v") }.sorted().map { "\(stage)/\($0)" }
        }
    }

    private let newest = Binaries.chain.map { "\($0)/v2" }

    @Test func `old versions go, and the night has nothing to do`() throws {
        let place = try twoNights()
        let done = try gc(place, "small", "--keep", "1")
        #expect(done.code == 0 && done.err.isEmpty, "\(done)")
        #expect(done.lines.count == 6 && done.lines.last?.hasPrefix("5 versions: ") == true, "\(done)")
        #expect(try versions(place) == newest)
        #expect(try place.program("batches", ["verify", "small", "--deep"]).run().code == 0)
        for tool in Binaries.chain { #expect(try place.succeed(tool) == "\(place.stage(tool))/v2") }
        #expect(try gc(place).out == "nothing to remove\n")
    }

    @Test func `two versions of each stage stay unless an option says otherwise`() throws {
        let place = try twoNights()
        #expect(try gc(place).out == "nothing to remove\n")
        try place.configure("[store]", "[gc]\nkeep = 1\n\n[store]")
        #expect(try gc(place, "--keep", "2").out == "nothing to remove\n", "options override the configuration")
        #expect(try gc(place).code == 0)
        #expect(try versions(place) == newest)
    }

    @Test func `a dry run reports sizes and changes nothing`() throws {
        let place = try twoNights()
        let before = try Tree(place["data"])
        let all = ["--keep", "1", "--raw-days", "0", "--json"]
        let told = try JSON(parsing: Array(place.program("batches", ["gc", "--dry-run"] + all).run().out.utf8))
        #expect(try Tree(place["data"]).differences(from: before).isEmpty)
        let done = try JSON(parsing: Array(place.program("batches", ["gc"] + all).run().out.utf8))
        #expect(told["removed"] == done["removed"] && told["dry_run"] == true && done["dry_run"] == false)
        let apparent = try #require(done["apparent_bytes"]?.int)
        let freed = try #require(done["freed_bytes"]?.int)
        #expect(freed > 0 && freed * 4 < apparent, "four of five parts are shared with v2: \(freed) of \(apparent)")
    }

    @Test func `what a pinned version was made from stays`() throws {
        let place = try twoNights()
        let pin = try place.program("batches", ["use", "small", Workplace.batch, "infer", "v1"]).run()
        #expect(pin.code == 0, "\(pin)")
        let told = try gc(place, "--keep", "1", "--dry-run")
        #expect(told.out.contains("keeps \(place.stage("featurize"))/v1: read by infer v1"), "\(told)")
        #expect(try gc(place, "--keep", "1").code == 0)
        let stay = ["fetch", "clean", "featurize", "infer"].flatMap { ["\($0)/v1", "\($0)/v2"] }
        #expect(try versions(place) == stay + ["store/v2"])
    }

    @Test func `what is locked is left alone, and the exit code says so`() throws {
        let place = try twoNights()
        let folder = open(place[place.stage("infer")], O_RDONLY | O_DIRECTORY)
        defer { close(folder) }
        #expect(flock(folder, LOCK_EX | LOCK_NB) == 0)
        let done = try gc(place, "--keep", "1")
        #expect(done.code == 75, "\(done)")
        #expect(done.err.contains(place.stage("infer")) && done.err.contains("a run is working on it"), "\(done)")
        let left = ["fetch", "clean", "featurize", "infer"].flatMap { ["\($0)/v1", "\($0)/v2"] }
        #expect(try versions(place) == left + ["store/v2"], "what infer may be reading stays as well")
        flock(folder, LOCK_UN)
        #expect(try gc(place, "--keep", "1").code == 0)
        #expect(try versions(place) == newest)
    }

    @Test func `gc killed anywhere loses nothing, and a rerun finishes`() throws {
        let undisturbed = try twoNights()
        #expect(try gc(undisturbed, "--keep", "1", "--raw-days", "0").code == 0)
        let expected = try Tree(undisturbed["data"])
        for operation in [1, 2, 3, 4, 5, 8, 13, 21, 34, 55, 89, 120] {
            let place = try twoNights()
            let killed = try gc(
                place, "--keep", "1", "--raw-days", "0", environment: ["NOCTURNE_FAULT": "any:\(operation):KILL"])
            #expect(killed.signal == SIGKILL, "operation \(operation): \(killed)")
            let verified = try place.program("batches", ["verify", "small"]).run()
            #expect(verified.code == 0, "operation \(operation): \(verified)")
            let rerun = try gc(place, "--keep", "1", "--raw-days", "0")
            #expect(rerun.code == 0, "operation \(operation): \(rerun)")
            #expect(try Tree(place["data"]).differences(from: expected) == [], "operation \(operation)")
        }
    }

    @Test func `a disk that refuses to delete is named`() throws {
        let place = try twoNights()
        let done = try gc(place, "--keep", "1", environment: ["NOCTURNE_FAULT": "rename:1:EROFS"])
        #expect(done.code == 74, "\(done)")
        #expect(done.err.contains(place.stage("")), "\(done)")
        #expect(try place.program("batches", ["verify", "small"]).run().code == 0)
    }

    @Test func `a killed run's version is kept for the next one, and then goes`() throws {
        let place = try Workplace.finished()
        let killed = try place.run(
            "clean", "--set", "clean.sample_rate=8000", environment: ["NOCTURNE_FAULT": "rename:3:KILL"])
        #expect(killed.signal == SIGKILL && place.exists("\(place.stage("clean"))/v2"), "\(killed)")
        #expect(try gc(place).code == 0)
        #expect(place.exists("\(place.stage("clean"))/v2"), "the next run goes on with it")
        #expect(try gc(place, "--unsealed-days", "0").lines.last?.hasPrefix("1 unsealed versions") == true)
        #expect(!place.exists("\(place.stage("clean"))/v2") && place.current("clean") == "v1")
    }

    @Test(arguments: [["--keep", "0"], ["--raw-days", "-1"], ["--raw-days", "x"], ["a", "b", "c"]])
    func `wrong usage is reported`(_ arguments: [String]) throws {
        let done = try Workplace.finished().program("batches", ["gc"] + arguments).run()
        #expect(done.code == 64, "\(done)")
    }

    @Test func `other mistakes have their codes`() throws {
        let place = try Workplace.finished()
        #expect(try gc(place, "other").code == 66)
        #expect(try gc(place, "small", "1999-01-01").code == 66)
        #expect(try gc(place, "--root", "nowhere").code == 66)
        try place.configure("[store]", "[gc]\nkepp = 1\n\n[store]")
        let wrong = try gc(place)
        #expect(wrong.code == 78 && wrong.err.contains("did you mean gc.keep?"), "\(wrong)")
    }
}
