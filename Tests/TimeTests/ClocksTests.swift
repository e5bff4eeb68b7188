import Testing
import Time

struct ClocksTests {
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (1_795_140_000.125, "2026-11-20T02:00:00.125Z"),
        (1_709_164_799.999, "2024-02-28T23:59:59.999Z"), (1_709_164_800.0, "2024-02-29T00:00:00.000Z"),
        (-0.5, "1969-12-31T23:59:59.500Z"), (253_402_300_799.5, "9999-12-31T23:59:59.500Z"),
        (951_782_400.0, "2000-02-29T00:00:00.000Z"),
    ])
    func `times are written in UTC`(_ seconds: Double, _ text: String) { #expect(WallClock.text(seconds) == text) }

    @Test func `clocks go on`() {
        let (wall, steady) = (WallClock.now(), MonotonicClock.now())
        #expect(wall > 1_700_000_000)
        #expect(MonotonicClock.now() >= steady && MonotonicClock.now() - steady < 60)
    }
}
