import PipelineConfig
import Testing

struct ScheduleTests {
    /// Seconds since 1970 of 2026-11-20T00:00:00Z.
    private static let midnight = 1_795_132_800.0

    @Test(
        arguments: [
            ("UTC", 1, 0.0, "2026-11-19"), ("UTC", 1, -0.001, "2026-11-18"), ("UTC", 0, 86_399.9, "2026-11-20"),
            ("Europe/Berlin", 1, -3600, "2026-11-19"), ("Europe/Berlin", 1, -3601, "2026-11-18"),
            ("America/Los_Angeles", 1, 0, "2026-11-18"), ("Pacific/Kiritimati", 0, 10 * 3600, "2026-11-21"),
            ("UTC", 20, 0, "2026-10-31"), ("UTC", 324, 0, "2025-12-31"), ("UTC", 366, 0, "2025-11-19"),
        ] as [(String, Int, Double, String)])
    func `the default batch is a day of the schedule's own calendar`(
        zone: String, daysBack: Int, offset: Double, expected: String
    ) {
        #expect(
            Schedule(dueMinutes: 360, timezone: zone, daysBack: daysBack).batch(now: Self.midnight + offset) == expected
        )
    }

    @Test func `the morning after a clock change has a yesterday`() {
        // 2026-03-29 has 23 hours in Berlin: 24 hours before 00:30 on the 30th it was still the 28th.
        #expect(Schedule { $0.timezone = "Europe/Berlin" }.batch(now: 1_774_823_400) == "2026-03-29")
    }

    @Test(
        arguments: [
            (0.0, "1970-01-01"), (951_782_400, "2000-02-29"), (4_107_542_400, "2100-03-01"), (-86_400, "1969-12-31"),
        ] as [(Double, String)])
    func `dates are right around leap days and before 1970`(now: Double, expected: String) {
        #expect(Schedule { $0.daysBack = 0 }.batch(now: now) == expected)
    }

    @Test func `without a section it is yesterday in UTC, and nothing is due`() throws {
        let config = try parse(smallest)
        #expect(config.schedule == nil)
        #expect(config.defaultBatch(now: Self.midnight) == "2026-11-19")
    }

    @Test func `the section says it all`() throws {
        let config = try parse(smallest + "\n[schedule]\ndue = \"05:30\"\ntimezone = \"Asia/Tokyo\"\ndays_back = 0")
        #expect(config.schedule == Schedule(dueMinutes: 330, timezone: "Asia/Tokyo", daysBack: 0))
        #expect(config.defaultBatch(now: Self.midnight - 9 * 3600) == "2026-11-20")
    }
}

/// When a batch is due.
struct DueTests {
    /// Seconds since 1970 of 2026-11-20T00:00:00Z.
    private static let midnight = 1_795_132_800.0

    @Test(
        arguments: [
            ("UTC", 1, 6 * 60, "2026-11-19", midnight + 6 * 3600), ("UTC", 0, 0, "2026-11-20", midnight),
            ("Europe/Berlin", 1, 6 * 60, "2026-11-19", midnight + 5 * 3600),
            ("Asia/Tokyo", 2, 330, "2026-11-18", midnight - 3.5 * 3600),
            ("UTC", 1, 60, "2026-10-31", midnight - 19 * 86_400 + 3600),
            // 02:30 is skipped by the clock change of 2026-03-29 in Berlin: the next hour's half is 01:30 UTC.
            ("Europe/Berlin", 1, 150, "2026-03-28", 1_774_747_800),
        ] as [(String, Int, Int, String, Double)])
    func `a batch is due by the schedule's own clock`(
        zone: String, daysBack: Int, minutes: Int, batch: String, due: Double
    ) {
        #expect(Schedule(dueMinutes: minutes, timezone: zone, daysBack: daysBack).due(ofBatch: batch) == due)
    }

    @Test(arguments: ["trial", "2026-11", "2026-13-01", "2026-11-20b", ""])
    func `a batch that is named by no day is never due`(_ batch: String) {
        #expect(Schedule().due(ofBatch: batch) == nil)
    }

    @Test(
        arguments: [
            (0.0, "2026-11-18"), (6 * 3600 - 1, "2026-11-18"), (6 * 3600, "2026-11-19"), (86_399, "2026-11-19"),
        ] as [(Double, String)])
    func `the newest batch that is due changes at the due time`(offset: Double, batch: String) {
        #expect(Schedule().newestDueBatch(now: Self.midnight + offset) == batch)
    }

    @Test(
        arguments: [
            ("06:00", 0.0, 6.0 * 3600), ("00:00", 0, 0), ("00:00", 1, 86_400), ("23:59", 86_399, 2 * 86_400 - 60),
            ("2026-11-18T06:00", 0, -42 * 3600.0), ("2026-11-20T00:30", 0, 1800),
        ] as [(String, Double, Double)])
    func `a time of day is the next one, a moment is what it is`(text: String, offset: Double, wanted: Double) {
        #expect(Schedule().moment(text, after: Self.midnight + offset) == Self.midnight + wanted)
    }

    @Test func `a time of day is one of the schedule's own clock`() {
        #expect(
            Schedule { $0.timezone = "Europe/Berlin" }.moment("01:00", after: Self.midnight - 3600) == Self.midnight)
    }

    @Test(arguments: ["", "24:00", "6:00", "06:00:00", "T06:00", "2026-11-19", "dayT06:00", "2026-11-19T06:00T07:00"])
    func `what names no moment`(_ text: String) {
        #expect(Schedule().moment(text, after: Self.midnight) == nil)
    }
}
