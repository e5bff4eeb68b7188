internal import BatchFormat
internal import Durable
public import Fault
internal import Glibc
internal import JSON
public import PipelineConfig
internal import StageRun

/// One pipeline's night: the rules run by make, the runs recorded whatever happened, and one exit code.
public struct NightRun: Sendable {
    private let installation: Installation
    private let pipeline: PipelineConfig
    private let name: String
    private let batch: String
    private let root: String

    /// Prepares a night.
    public init(
        installation: Installation, pipeline: PipelineConfig, name: String, batch: String, root: String
    ) throws(Fault) {
        self.installation = installation
        self.pipeline = pipeline
        self.name = name
        self.batch = try Names.check(batch, "batch")
        self.root = root
    }

    /// How the night ended.
    public struct Ending: Sendable {
        /// The failing tool's exit code, or 0.
        public let code: Int32
        /// The stage that failed.
        public let stage: String?
    }

    /// Runs the stages by make's rules, then records every run, failed ones too, with `store --runs-only`.
    ///
    /// - Parameter makeFlags: more words for make, such as `-j2`.
    public func run(makeFlags: [String] = []) throws(Fault) -> Ending {
        let folder = "\(root)/\(name)/\(batch)/.stamps"
        try Folders.makeAll(folder)
        let failure = "\(folder)/failed"
        try Folders.remove(failure)
        let code = try ChildProcess.run(
            ["make", "--no-print-directory", "-f", installation.rules] + makeFlags
                + ["nightly", "PIPELINE=\(name)", "BATCH=\(batch)", "NOCTURNE=\(installation.front)"],
            environment: ["NOCTURNE_ROOT": root])
        var ending = Ending(code: code, stage: nil)
        if code != 0 {
            // make turns every failure into 2; the rule has left the tool's own code.
            let words = (try? AtomicFile.read(failure)).map {
                String(decoding: $0, as: UTF8.self).split(separator: " ")
            }
            if let words, words.count >= 2, let own = Int32(words[0]) {
                ending = Ending(code: own, stage: words[1].trimmingNewline)
            } else if code == 2 {
                ending = Ending(code: 70, stage: nil)
            }
        }
        // The tools are stopped by SIGTERM whatever stopped us; our own exit code says what did.
        if ending.code == 143, let own = StopFlag.exitCode { ending = Ending(code: own, stage: ending.stage) }
        for stage in pipeline.stages where stage.kind == .store {
            let recorded = try ChildProcess.run(
                [
                    "\(installation.tools)/store", name, batch, "--stage", stage.stage, "--runs-only", "--quiet",
                    "--root", root,
                ])
            if recorded != 0 && ending.code == 0 { ending = Ending(code: recorded, stage: stage.stage) }
        }
        return ending
    }

    /// One line per stage, for the mail that cron sends.
    public func summary() throws(Fault) -> [String] {
        var lines: [String] = []
        for stage in pipeline.stages {
            let folder = try StageFolder(root: root, pipeline: name, batch: batch, stage: stage.stage)
            guard let number = folder.held() ?? folder.current(),
                let seal = try? VersionReader(folder.version(number)).seal
            else {
                lines.append("  \(stage.stage.padded(to: 12)) no sealed version")
                continue
            }
            let state = folder.held() == number ? "held back" : "current"
            let seconds = seal.run["seconds"]?.double ?? 0
            let memory = (seal.run["peak_memory_bytes"]?.int ?? 0) >> 20
            var line = "  \(stage.stage.padded(to: 12)) v\(number) \(state)"
            // A store's version holds a receipt, not items.
            if stage.kind != .store { line += ": \(seal.items) items" }
            if seal.rejected > 0 {
                let reasons = seal.rejectedByReason.map { "\($0.reason) \($0.count)" }.joined(separator: ", ")
                line += ", \(seal.rejected) rejected (\(reasons))"
            }
            lines.append(line + ", \(seconds.rounded(decimals: 2)) s, \(memory) MiB")
        }
        return lines
    }
}

extension Substring {
    fileprivate var trimmingNewline: String { String(self.filter { $0 != "\n" }) }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }
}
