internal import Alerts
internal import BatchFormat
internal import Durable
package import Fault
internal import Glibc
internal import PipelineConfig
internal import StageRun
internal import TextFormats
internal import Time

/// A night's figures as a textfile for node_exporter's textfile collector.
package enum NightMetrics {
    private static let lastSuccess = "nocturne_night_last_success_timestamp_seconds"

    /// Writes the figures, atomically.
    ///
    /// The temporary name does not end in `.prom`, so that the collector does not read it half-written; and the
    /// collector's user may read the file whatever our umask is.
    package static func write(_ report: NightReport, late: Bool, day: Double?, now: Double, to path: String)
        throws(Fault)
    {
        var earlier: String?
        if let bytes = try? AtomicFile.read(path) { earlier = String(decoding: bytes, as: UTF8.self) }
        let bytes = Array(text(report, late: late, day: day, now: now, earlier: earlier).utf8)
        let folder = Folders.parent(of: path)
        let temporary = "\(folder)/.tmp-\(Folders.name(of: path)).\(getpid())"
        do throws(Fault) {
            try AtomicFile.writeUnpublished(bytes, to: temporary)
            guard chmod(temporary, 0o644) == 0 else {
                throw Fault(.disk, "cannot make '\(temporary)' readable: \(String(cString: strerror(errno)))")
            }
            try Folders.rename(temporary, to: path)
            try Folders.sync(folder)
        } catch {
            try? Folders.remove(temporary)
            throw error
        }
    }

    /// The figures as text.
    ///
    /// - Parameters:
    ///   - day: midnight, in UTC, of the day that names the batch.
    ///   - earlier: the text that this one replaces: the last success is carried over.
    package static func text(_ report: NightReport, late: Bool, day: Double?, now: Double, earlier: String?) -> String {
        var text = PrometheusText()
        addStages(report, to: &text)
        addNight(report, late: late, day: day, now: now, earlier: earlier, to: &text)
        return text.text
    }

    private static func addStages(_ report: NightReport, to text: inout PrometheusText) {
        typealias Sample = (labels: KeyValuePairs<String, String>, value: Double)
        func samples(_ value: (StageFigures) -> Double?) -> [Sample] {
            report.stages.compactMap { stage in
                value(stage).map { (["pipeline": report.pipeline, "stage": stage.stage], $0) }
            }
        }
        text.add(
            "nocturne_stage_seconds", .gauge, "Wall time of the run that sealed the version shown.",
            samples(\.seconds))
        text.add(
            "nocturne_stage_items_total", .counter, "Items in the version shown; starts over with every batch.",
            // A store's version contains a receipt, not items.
            samples { stage in stage.tool == .store ? nil : stage.seal.map { Double($0.items) } })
        let rejected = report.stages.flatMap { stage -> [Sample] in
            (stage.seal?.rejectedByReason ?? []).map {
                (["pipeline": report.pipeline, "stage": stage.stage, "reason": $0.reason], Double($0.count))
            }
        }
        text.add(
            "nocturne_stage_rejected_total", .counter,
            "Items rejected by the stage, by reason; starts over with every batch.", rejected)
        text.add(
            "nocturne_stage_success_ratio", .gauge, "Items out of items in of the version shown.",
            samples { stage in
                stage.seal.flatMap { $0.settled == 0 ? nil : Double($0.items) / Double($0.settled) }
            })
        text.add(
            "nocturne_stage_peak_memory_bytes", .gauge,
            "Largest resident memory of the run that sealed the version shown.",
            samples { $0.peakMemoryBytes.map(Double.init) })
        text.add(
            "nocturne_stage_output_bytes", .gauge, "Bytes of the version shown.",
            samples { $0.seal.map { Double($0.bytes) } })
        text.add(
            "nocturne_stage_real_time_factor", .gauge,
            "Working time divided by the audio's duration: below 1 is faster than real time.",
            samples { $0.speed.map { 1 / $0 } })
        text.add(
            "nocturne_stage_exit_code", .gauge, "Exit code of the stage's last run: 0 is success, 10 held back.",
            samples { $0.ending.map { Double($0.status.code) } })
        text.add(
            "nocturne_stage_held_back", .gauge, "1 if a gate holds back the newest version.",
            samples { $0.isHeld ? 1 : 0 })
        text.add(
            "nocturne_stage_last_success_timestamp_seconds", .gauge, "When the version in use was sealed; 0 for never.",
            samples { $0.currentFinishedAt.flatMap { Moment($0)?.secondsSince1970 } ?? 0 })
    }

    private static func addNight(
        _ report: NightReport, late: Bool, day: Double?, now: Double, earlier: String?, to text: inout PrometheusText
    ) {
        let isWell = report.outcome.isDone
        func add(_ name: String, _ help: String, _ value: Double) {
            text.add(name, .gauge, help, [(["pipeline": report.pipeline], value)])
        }
        add(
            "nocturne_night_exit_code", "Exit code of the last night: 0 is success, 10 held back.",
            Double(report.outcome.status.code))
        add("nocturne_night_seconds", "Wall time of the last night.", report.seconds)
        add("nocturne_night_last_run_timestamp_seconds", "When the last night ended.", now)
        add(
            lastSuccess, "When a night last ended with exit code 0; 0 for never.",
            isWell ? now : earlier.flatMap { PrometheusText.value(of: lastSuccess, in: $0) } ?? 0)
        if let day {
            add(
                "nocturne_night_batch_timestamp_seconds", "Midnight, in UTC, of the day that names the batch.",
                day)
        }
        add("nocturne_night_late", "1 if the results were late.", late ? 1 : 0)
        text.add(
            "nocturne_night_alerts", .gauge, "Open alerts of the batch, by kind.",
            Alert.Kind.allCases.filter { $0 != .test }.map { kind in
                let count = report.open.count { $0.alert.kind == kind }
                return (["pipeline": report.pipeline, "kind": kind.rawValue], Double(count))
            })
        add(
            "nocturne_night_alerts_undelivered", "Alerts that a channel has not accepted yet.",
            Double(report.undelivered))
    }
}
