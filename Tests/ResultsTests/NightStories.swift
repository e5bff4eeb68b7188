import JSON
import StoreStage

/// Nights, and how they are described.
extension ResultsNightTests {
    /// What a night left, and how it must be described on the morning of the 21st, when the 20th's results are due.
    struct Story: Sendable, CustomStringConvertible {
        let description: String
        var nights: [(batch: String, runs: [RunRow])] = [("2026-11-19", RunRow.goodNight)]
        var state: String
        var reasons: [String]
        var isCurrent = false
        var shown: String? = "2026-11-19"
        var latest: String? = "2026-11-20"
    }

    static let shown19 = "Shown are the results of 19 November."

    static func after(_ runs: [RunRow]) -> [(batch: String, runs: [RunRow])] {
        [("2026-11-19", RunRow.goodNight), ("2026-11-20", runs)]
    }

    static func failed(_ summary: JSONObject) -> [RunRow] {
        [.of("fetch"), .of("clean"), .of("infer", .failed, summary: summary), .of("store", .absent)]
    }

    static let stories: [Story] = [
        Story(
            description: "a good night", nights: after(RunRow.goodNight), state: "green",
            reasons: ["Last night's results are complete."], isCurrent: true, shown: "2026-11-20"),
        Story(
            description: "no night", state: "red",
            reasons: ["Last night's results are missing: the run did not begin.", shown19], latest: "2026-11-19"),
        Story(
            description: "a night of which only the absence is on record",
            nights: after(["fetch", "clean", "infer", "store"].map { RunRow.of($0, .absent) }), state: "red",
            reasons: ["Last night's results are missing: the run did not begin.", shown19]),
        Story(
            description: "a full disk",
            nights: after(failed(["failure": "the disk is full: 'x'", "failure_kind": "disk"])), state: "red",
            reasons: ["Last night's results are missing: infer failed (out of disk space).", shown19]),
        Story(
            description: "a service that is away",
            nights: after(failed(["failure": "HTTP 503", "failure_kind": "unavailable"])), state: "red",
            reasons: ["Last night's results are missing: infer failed (a service did not answer).", shown19]),
        Story(
            description: "a death without a word", nights: after(failed([:])), state: "red",
            reasons: [
                "Last night's results are missing: infer failed (it ended without a message; the machine may have stopped).",
                shown19,
            ]),
        Story(
            description: "a first stage that failed before it had a version",
            nights: after([
                .of("fetch", .failed, version: "", summary: ["failure": "HTTP 503", "failure_kind": "unavailable"]),
                .of("clean", .absent, summary: ["failure": "nothing to read", "because": "fetch"]),
                .of("infer", .absent), .of("store", .absent),
            ]), state: "red",
            reasons: ["Last night's results are missing: fetch failed (a service did not answer).", shown19]),
        Story(
            description: "a stage that a gate held back, and one that ended because of it",
            nights: after([
                .of("fetch"), .of("clean", .heldBack, summary: ["rejected_by_reason": ["silent": 9]]),
                .of("infer", .failed, summary: ["failure": "clean is held back", "because": "clean"]),
                .of("store", .absent),
            ]), state: "amber",
            reasons: [
                "Last night's results are held back: clean rejected too much. Someone has to review them.", shown19,
            ]),
        Story(
            description: "results that stand while a later run failed before it had a version",
            nights: after([
                .of("fetch", summary: ["failure": "HTTP 503", "failure_kind": "unavailable"]), .of("clean"),
                .of("infer"), .of("store"),
            ]), state: "amber",
            reasons: [
                "The results of 20 November are those of an earlier run: the last one failed in fetch (a service did not "
                    + "answer)."
            ], isCurrent: true, shown: "2026-11-20"),
        Story(
            description: "a stage that was killed", nights: after(failed(["failure_kind": "killed"])), state: "red",
            reasons: [
                "Last night's results are missing: infer failed (it was killed; memory may have run out).",
                shown19,
            ]),
        Story(
            description: "a gate",
            nights: after([
                .of("fetch"), .of("clean", .heldBack, summary: ["rejected_by_reason": ["silent": 9]]),
                .of("infer", .absent), .of("store", .absent),
            ]), state: "amber",
            reasons: [
                "Last night's results are held back: clean rejected too much. Someone has to review them.", shown19,
            ]),
        Story(
            description: "still at it",
            nights: after([.of("fetch"), .of("clean", .running), .of("infer", .absent), .of("store", .absent)]),
            state: "amber", reasons: ["Last night's results are late: clean is still running.", shown19]),
        Story(
            description: "a chain that stopped between two stages",
            nights: after([.of("fetch"), .of("clean"), .of("infer", .absent), .of("store", .absent)]), state: "red",
            reasons: ["Last night's results are missing: infer did not run.", shown19]),
        Story(
            description: "results that are older than what they are made from",
            nights: after([.of("fetch", version: "v2"), .of("clean"), .of("infer"), .of("store")]), state: "amber",
            reasons: ["The results of 20 November are out of date: clean has to run again on newer input."],
            isCurrent: true, shown: "2026-11-20"),
        Story(
            description: "a later run of the same batch that failed",
            nights: after([
                .of("fetch", version: "v2"), .of("clean", .failed, version: "v2", summary: ["failure_kind": "damaged"]),
                .of("infer"), .of("store"),
            ]), state: "amber",
            reasons: [
                "The results of 20 November are those of an earlier run: in the last one clean failed (a file is damaged)."
            ], isCurrent: true, shown: "2026-11-20"),
        Story(
            description: "the next night has failed before it was due",
            nights: after(RunRow.goodNight) + [
                (
                    batch: "2026-11-21",
                    runs: [.of("fetch", .failed, summary: ["failure_kind": "denied"]), .of("clean", .absent)]
                )
            ], state: "amber",
            reasons: ["The results of 21 November are missing: fetch failed (access was denied)."], isCurrent: true,
            shown: "2026-11-20", latest: "2026-11-21"),
        Story(
            description: "a failed night, and a later one that was loaded by hand",
            nights: after(failed(["failure_kind": "disk"])) + [(batch: "2026-11-21", runs: RunRow.goodNight)],
            state: "red",
            reasons: [
                "Last night's results are missing: infer failed (the disk failed).",
                "Shown are the results of 21 November.",
            ], shown: "2026-11-21", latest: "2026-11-21"),
        Story(
            description: "a later night that was loaded by hand, and last night is out of date",
            nights: after([.of("fetch", version: "v2"), .of("clean"), .of("infer"), .of("store")])
                + [(batch: "2026-11-21", runs: RunRow.goodNight)], state: "amber",
            reasons: ["The results of 20 November are out of date: clean has to run again on newer input."],
            isCurrent: true, shown: "2026-11-21", latest: "2026-11-21"),
        Story(
            description: "a trial was stored once, and nights fail",
            nights: after(failed(["failure_kind": "damaged"])) + [(batch: "trial", runs: RunRow.goodNight)],
            state: "red", reasons: ["Last night's results are missing: infer failed (a file is damaged).", shown19]),
        Story(
            description: "a trial that only looks like a day was stored, and last night never began",
            nights: [("2026-11-19", RunRow.goodNight), (batch: "2026-13-01", runs: RunRow.goodNight)], state: "red",
            reasons: ["Last night's results are missing: the run did not begin.", shown19], latest: "2026-11-19"),
        Story(
            description: "a trial that failed",
            nights: after(RunRow.goodNight) + [(batch: "trial", runs: failed([:]))], state: "green",
            reasons: ["Last night's results are complete."], isCurrent: true, shown: "2026-11-20"),
        Story(
            description: "nothing at all, ever", nights: [], state: "red",
            reasons: ["Last night's results are missing: the run did not begin.", "There are no results yet."],
            shown: nil, latest: nil),
    ]
}
