internal import Foundation
public import JSON
public import TestKit

/// A test's own folder in which the tools run, with pipelines, recordings and batches; removed with it.
///
/// The pipeline is called `small` and the batch `2026-11-20`: ten recordings in four parts, of which one is a duplicate
/// (rejected by fetch) and one is truncated (rejected by clean).
public final class Workplace: Sendable {
    /// Its absolute path, which is the tools' working directory.
    public var path: String { scratch.path }
    private let scratch: ScratchFolder

    /// The batch of most tests.
    public static let batch = "2026-11-20"

    /// Makes a workplace with the standard pipeline and recordings, and nothing run yet.
    public convenience init() throws {
        try self.init(models: Checkout.path("pipelines/models"))
        try write("pipelines/small/pipeline.toml", Self.configuration)
        for (index, (name, bytes)) in Self.recordings.enumerated() {
            try write("\(Self.source)/\(name)", bytes)
            // A file's time is part of the listing, and two workplaces must have the same night.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_795_125_600 + Double(index))],
                ofItemAtPath: self["\(Self.source)/\(name)"])
        }
        try write("known.csv", Self.metadata)
    }

    /// Makes a workplace with nothing but a link to models, or with nothing at all.
    public init(models: String?) throws {
        scratch = try ScratchFolder()
        guard let models else { return }
        try FileManager.default.createDirectory(atPath: self["pipelines"], withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: self["pipelines/models"], withDestinationPath: models)
    }

    /// Makes a copy of another workplace as it is now, times and hard links included.
    public init(copying other: Workplace) throws {
        scratch = try ScratchFolder()
        let done = try Program(
            ["/bin/cp", "-a", other.path + "/.", path], environment: ["PATH": "/usr/bin:/bin"], folder: "/"
        ).run()
        guard done.code == 0 else { throw HarnessError("\(done)") }
    }

    /// A workplace in which the five stages have run; made once, to be copied.
    public static func finished() throws -> Workplace { try Workplace(copying: whole.get()) }

    private static let whole = Result {
        let place = try Workplace()
        for tool in Binaries.chain { try place.succeed(tool) }
        return place
    }

    // MARK: Running

    /// Every tool's environment variables: from the tests' own environment only what a program needs to start.
    public var environment: [String: String] {
        var variables = ["HOME": path, "LANG": "C.UTF-8"]
        for name in ["PATH", "LD_LIBRARY_PATH", "TMPDIR"] {
            variables[name] = ProcessInfo.processInfo.environment[name]
        }
        return variables
    }

    /// A tool of the checkout, ready to be started here.
    public func program(_ tool: String, _ arguments: [String], environment more: [String: String] = [:]) -> Program {
        var program = Program(
            [Binaries.path(tool)] + arguments, environment: environment.merging(more) { $1 }, folder: path)
        program.owner = self
        return program
    }

    /// Runs a stage tool on `small 2026-11-20`.
    @discardableResult
    public func run(
        _ tool: String, _ arguments: String..., environment: [String: String] = [:]
    ) throws -> Finished {
        try program(tool, ["small", Self.batch] + arguments, environment: environment).run()
    }

    /// Runs a stage tool on `small 2026-11-20`, which must succeed; returns the version's path, as printed.
    @discardableResult
    public func succeed(
        _ tool: String, _ arguments: String..., environment: [String: String] = [:]
    ) throws -> String {
        let done = try program(tool, ["small", Self.batch] + arguments, environment: environment).run()
        guard done.code == 0, done.lines.count == 1 else { throw HarnessError("did not end well: \(done)") }
        return done.lines[0]
    }

    // MARK: Files

    /// The absolute path of a file here.
    public subscript(name: String) -> String { "\(path)/\(name)" }

    /// Where the recordings are, relative to ``path``.
    public static let source = "recordings/\(batch)"

    /// Writes a file, its folder included.
    public func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    /// Writes a file, its folder included.
    public func write(_ name: String, _ bytes: [UInt8]) throws { try scratch.write(name, bytes) }

    /// Reads a file.
    public func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: self[name])))
    }

    /// Reads a text file.
    public func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    /// Whether a file, a folder or a link to one exists.
    public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }

    /// Waits until a file or a folder exists.
    public func wait(for name: String) throws { try TestKit.wait(for: name) { exists(name) } }

    /// Removes a file or a folder.
    public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self[name]) }

    /// Where a link points.
    public func link(_ name: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: self[name])
    }

    /// The folder of a stage of the batch, relative to ``path``.
    public func stage(_ name: String) -> String { "data/small/\(Self.batch)/\(name)" }

    /// The version that a stage's `current` points at.
    public func current(_ stage: String) -> String? { link("\(self.stage(stage))/current") }

    /// How the last run of a stage of the batch ended, as it says itself.
    public func ending(_ stage: String) throws -> JSON {
        try JSON(parsing: read("data/small/\(Self.batch)/.runs/\(stage).json"))
    }

    /// Flips bits of one byte of a file.
    public func flip(_ name: String, at position: Int, mask: UInt8 = 0xFF) throws {
        var bytes = try read(name)
        bytes[position] ^= mask
        try write(name, bytes)
    }

    /// Replaces a text in the pipeline's configuration; it must be there.
    public func configure(_ old: String, _ new: String) throws {
        let text = try text("pipelines/small/pipeline.toml")
        guard text.contains(old) else { throw HarnessError("the configuration has no '\(old)'") }
        try write("pipelines/small/pipeline.toml", text.replacingOccurrences(of: old, with: new))
    }

    // MARK: The standard content

    private static let configuration = """
        format = 1
        description = "a small night for the tests"

        [fetch]
        source = "recordings/{batch}/"
        include = ["*.wav"]
        part_items = 3
        max_reject_ratio = 0.5
        id_pattern = "^(?<device>[^/]+)/"
        [fetch.metadata]
        csv = "known.csv"
        key = "key"

        [clean]
        max_reject_ratio = 0.5
        [clean.fields]
        site = { type = "string", fill = "unknown" }
        gain_db = { type = "number", min = -20, max = 60, fill = 0.0 }

        [featurize]
        mel_bins = 80

        [infer]
        model = "digits@production"
        threads = 1

        [store]
        url = "sqlite:data/nocturne.db"
        retry_for = "0 s"

        """

    private static let recordings: [(String, [UInt8])] = {
        var files = (1...8).map { number in
            let rate = [8000, 16000, 22050][number % 3]
            let recording = Recording(seed: UInt64(number), seconds: 0.3 + 0.05 * Double(number), rate: rate)
            return ("device-0\(number % 3 + 1)/rec-\(number).wav", recording.bytes)
        }
        files.append(("device-04/again.wav", Recording(seed: 3, seconds: 0.45, rate: 8000).bytes))
        files.append(("device-04/cut.wav", Recording(seed: 9).cut))
        return files
    }()

    private static let metadata = """
        key,site,gain_db
        device-01/rec-3.wav,gate,3.5
        device-02/rec-1.wav,"yard, north",
        device-03/rec-2.wav,,-6

        """
}
