internal import JSON
internal import PipelineConfig
internal import Time

/// The state of a pipeline, in words for people who do not know its stages.
struct PipelineState {
    enum Colour: String {
        case green, amber, red
    }

    let colour: Colour
    let reasons: [String]
    let isCurrent: Bool

    /// - Parameters:
    ///   - latest: the newest batch.
    ///   - shown: the newest batch with stored results.
    ///   - awaited: the batch that is due by now, without runs if it never began; the newest one if there is no
    ///     schedule.
    ///   - isStored: whether the awaited batch's results are stored. A newer batch does not count.
    ///   - isScheduled: whether the awaited batch is the one that is due.
    ///   - now: seconds since 1970.
    init(latest: Night?, shown: Night?, awaited: Night?, isStored: Bool, isScheduled: Bool, now: Double) {
        let words = Words(now: now)
        isCurrent = isStored
        guard let awaited else {
            (colour, reasons) = (.red, ["There are no results yet."])
            return
        }
        let name = isScheduled ? "Last night's results" : words.results(of: awaited.batch.batch)
        guard let shown, isStored else {
            let absence = words.absence(of: awaited, called: name)
            let rest =
                shown.map { "Shown are \(words.results(of: $0.batch.batch, inSentence: true))." }
                ?? "There are no results yet."
            (colour, reasons) = (absence.colour, [absence.reason, rest])
            return
        }
        var reasons = words.doubts(about: awaited)
        if shown.batch != awaited.batch { reasons += words.doubts(about: shown) }
        if let latest, shown.batch.batch.utf8Precedes(latest.batch.batch) {
            if latest.state == .failed || latest.state == .heldBack {
                reasons.append(words.absence(of: latest, called: words.results(of: latest.batch.batch)).reason)
            }
        }
        colour = reasons.isEmpty ? .green : .amber
        self.reasons = reasons.isEmpty ? ["\(name) are complete."] : reasons
    }
}

/// The sentences.
private struct Words {
    let now: Double

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// `19 November`, with the year if it is not the current one; a batch that is not a day by its name.
    func day(_ batch: String) -> String {
        guard let day = CalendarDay(batch) else { return "batch \(batch)" }
        let year = CalendarDay(daysSince1970: Int(now / 86_400)).year
        return "\(day.day) \(Self.months[day.month - 1])" + (day.year == year ? "" : " \(day.year)")
    }

    func results(of batch: String, inSentence: Bool = false) -> String {
        "\(inSentence ? "the" : "The") results of \(day(batch))"
    }

    /// Why results are missing.
    func absence(of night: Night, called name: String) -> (colour: PipelineState.Colour, reason: String) {
        if let failed = night.first(.failed) {
            return (.red, "\(name) are missing: \(failed.name) failed (\(cause(failed))).")
        }
        if let held = night.first(.heldBack) {
            return (.amber, "\(name) are held back: \(heldBack(held)). Someone has to review them.")
        }
        if let running = night.first(.running) {
            return (.amber, "\(name) are late: \(running.name) is still running.")
        }
        if let missing = night.first(.missing) {
            let isUntouched = night.stages.allSatisfy { $0.status == .missing }
            return (
                .red, "\(name) are missing: \(isUntouched ? "the run did not begin" : "\(missing.name) did not run")."
            )
        }
        if night.stages.isEmpty { return (.red, "\(name) are missing: the run did not begin.") }
        return (.red, "\(name) are missing: they were made, and not stored.")
    }

    /// Caveats about results that are shown.
    func doubts(about night: Night) -> [String] {
        let pins = night.stages.compactMap { stage in
            stage.pinnedBack.map { "\(stage.name) is pinned to \($0), although there is a later version." }
        }
        return trouble(with: night) + pins
    }

    private func trouble(with night: Night) -> [String] {
        let name = results(of: night.batch.batch)
        if let failed = night.first(.failed) {
            return ["\(name) are those of an earlier run: in the last one \(failed.name) failed (\(cause(failed)))."]
        }
        if let held = night.first(.heldBack) {
            return ["\(name) are those of an earlier run: the last one is held back, \(heldBack(held))."]
        }
        if let failed = night.stages.first(where: { $0.status == .sealed && $0.run?.failure != nil }) {
            return ["\(name) are those of an earlier run: the last one failed in \(failed.name) (\(cause(failed)))."]
        }
        if let running = night.first(.running) { return ["\(name) are being recomputed: \(running.name) is running."] }
        if let stale = night.stages.first(where: \.isStale) {
            return ["\(name) are out of date: \(stale.name) has to run again on newer input."]
        }
        if let missing = night.first(.missing) { return ["\(name) are not complete: \(missing.name) did not run."] }
        return []
    }

    private func heldBack(_ stage: Night.Stage) -> String {
        let reason = stage.run?.summary["rejected_by_reason"]?.object?.isEmpty == false
        return "\(stage.name) \(reason ? "rejected too much" : "did not pass its check")"
    }

    /// Why a stage failed: the kinds of exit codes, in words for people who do not know them.
    private func cause(_ stage: Night.Stage) -> String {
        let said = stage.run?.failure ?? ""
        switch stage.run?.failureKind {
        case "disk": return said.contains("full") || said.contains("No space") ? "out of disk space" : "the disk failed"
        case "unavailable": return "a service did not answer"
        case "damaged": return "a file is damaged"
        case "missing": return "its input is missing"
        case "denied": return "access was denied"
        case "configuration", "usage": return "its settings are wrong"
        case "retryLater": return "it stopped and has to be run again"
        case "interrupted", "terminated": return "it was stopped"
        case "heldBack": return "too many items were rejected"
        case "defect", "crashed": return "an error in the program"
        case "killed": return "it was killed; memory may have run out"
        default: return said.isEmpty ? "it ended without a message; the machine may have stopped" : "see its log"
        }
    }
}
