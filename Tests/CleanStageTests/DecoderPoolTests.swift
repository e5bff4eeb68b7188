import CleanStage
import Fault
import Foundation
import JSON
import PipelineConfig
import StageRun
import Synchronization
import TestKit
import Testing

/// Decoder processes: their answers, and how they end. The unruly decoder misbehaves according to the file's name.
struct DecoderPoolTests {
    /// Collects the names of the pool's events.
    final class Listener: Sendable {
        private let seen = Mutex<[Event]>([])
        var events: [Event] { seen.withLock { $0 } }
        var log: EventLog { EventLog { event in self.seen.withLock { $0.append(event) } } }
    }

    static var launch: DecoderLaunch {
        get throws {
            let tests = try #require(Bundle.main.executableURL)
            let decoder = tests.deletingLastPathComponent().appendingPathComponent("unruly-decoder").path
            try #require(FileManager.default.isExecutableFile(atPath: decoder))
            return DecoderLaunch(program: decoder, arguments: ["unruly-decoder"])
        }
    }

    private let scratch: ScratchFolder
    private let listener = Listener()

    init() throws { scratch = try ScratchFolder() }

    private func pool(workers: Int = 1, patience: Double = 60) throws -> DecoderPool {
        DecoderPool(
            DecodeOptions(CleanConfig()), workers: workers, launch: try Self.launch, events: listener.log,
            patience: patience)
    }

    private func file(_ name: String) throws -> String {
        try scratch.write(name, Recordings.tones([(0.5, 440)], rate: 44_100))
    }

    @Test func `a process gives the verdict that this process gives`() throws {
        let pool = try pool()
        let files = try ["vorbis.ogg", "mp3.mp3", "pcm16.wav", "gsm.wav"].map {
            try scratch.write($0, Recordings.fixture($0))
        }
        for path in files {
            var cleaner = AudioCleaner(DecodeOptions(CleanConfig()))
            #expect(try pool.verdict(for: path) == cleaner.verdict(for: path))
        }
        #expect(listener.events.isEmpty)
    }

    @Test(arguments: [("crash", "SIGSEGV"), ("abort", "SIGABRT"), ("exit", "exit code 3")])
    func `a decoder that dies costs the recording`(_ behaviour: String, _ ending: String) throws {
        let pool = try pool()
        let verdict = try pool.verdict(for: file("\(behaviour).wav"))
        #expect(verdict == .rejected(reason: "undecodable", message: "the decoder crashes on this recording"))
        // Tried twice, with an event each time.
        #expect(listener.events.map(\.name) == ["decoder_died", "decoder_died"])
        #expect(listener.events.allSatisfy { $0.figures["ending"] == .string(ending) })
        // The next recording has a decoder again.
        guard case .passed = try pool.verdict(for: file("good.wav")) else {
            Issue.record("the pool did not recover")
            return
        }
    }

    @Test func `a decoder that hangs is killed`() throws {
        let pool = try pool(patience: 0.2)
        let verdict = try pool.verdict(for: file("hang.wav"))
        #expect(
            verdict
                == .rejected(reason: "undecodable", message: "the decoder does not come to an end on this recording"))
        #expect(listener.events.map(\.name) == ["decoder_late", "decoder_late"])
    }

    @Test func `a decoder that asks for too much memory is refused it`() throws {
        let verdict = try pool().verdict(for: file("hungry.wav"))
        #expect(verdict == .rejected(reason: "undecodable", message: "the decoder crashes on this recording"))
    }

    @Test func `a decoder that dies once costs nothing`() throws {
        guard case .passed = try pool().verdict(for: file("once.wav")) else {
            Issue.record("the second try was not made")
            return
        }
        #expect(listener.events.map(\.name) == ["decoder_died"])
    }

    @Test func `the machine's fault is not the recording's`() throws {
        let pool = try pool()
        #expect(
            performing: { _ = try pool.verdict(for: "\(scratch.path)/nothing") },
            throws: { error in (error as? Fault)?.kind == .missing })
    }

    @Test func `a decoder that cannot be started is the machine's fault`() throws {
        let launch = DecoderLaunch(program: "/nonexistent/decoder", arguments: ["decoder"])
        let pool = DecoderPool(DecodeOptions(CleanConfig()), workers: 1, launch: launch, events: listener.log)
        #expect(
            performing: { _ = try pool.verdict(for: file("good.wav")) },
            throws: { error in (error as? Fault)?.kind == .retryLater })
    }

    @Test func `decoders end with their pool`() throws {
        let path = try file("report.wav")
        var pool: DecoderPool? = try self.pool()
        _ = try pool?.verdict(for: path)
        let process = try #require(try pid_t(report(path, "pid")))
        #expect(kill(process, 0) == 0)
        pool = nil
        #expect(kill(process, 0) == -1)
    }

    @Test func `one decoder serves a worker for its whole life`() throws {
        let paths = try [file("report.1.wav"), file("report.2.wav")]
        let pool = try pool()
        for path in paths { _ = try pool.verdict(for: path) }
        #expect(try report(paths[0], "pid") == report(paths[1], "pid"))
    }

    @Test func `a decoder holds no secrets and no files of ours`() throws {
        // As left by a careless shell: a secret in the environment, and a lock's descriptor without close-on-exec.
        setenv("NOCTURNE_TEST_SECRET", "hunter2", 1)
        let lock = open(try scratch.write("lock", []), O_RDONLY)
        defer {
            unsetenv("NOCTURNE_TEST_SECRET")
            close(lock)
        }
        let path = try file("report.wav")
        _ = try pool().verdict(for: path)
        #expect(try !report(path, "environ").contains("hunter2"))
        #expect(try !report(path, "files").contains("/lock"))
    }

    private func report(_ path: String, _ what: String) throws -> String {
        try String(contentsOfFile: "\(path).\(what)", encoding: .utf8)
    }
}
