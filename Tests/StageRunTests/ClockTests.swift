import JSON
import StageRun
import Testing

@Suite struct ClockTests {
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (1_795_140_000.125, "2026-11-20T02:00:00.125Z"),
        (1_709_164_799.999, "2024-02-28T23:59:59.999Z"), (1_709_164_800.0, "2024-02-29T00:00:00.000Z"),
        (-0.5, "1969-12-31T23:59:59.500Z"), (253_402_300_799.5, "9999-12-31T23:59:59.500Z"),
        (951_782_400.0, "2000-02-29T00:00:00.000Z"),
    ])
    func timesAreWrittenInUTC(_ seconds: Double, _ text: String) { #expect(Clock.text(seconds) == text) }

    @Test func clocksGoOn() {
        let (wall, steady) = (Clock.now(), Clock.monotonic())
        #expect(wall > 1_700_000_000)
        #expect(Clock.monotonic() >= steady && Clock.monotonic() - steady < 60)
    }

    @Test func theProcessHasAHostAndTakesMemory() {
        #expect(!Clock.host().isEmpty)
        #expect((1 << 20...1 << 42).contains(Clock.peakMemory()))
    }

    @Test func aStageWorksUnderTheSmallestLimit() throws {
        #expect(Clock.memoryLimit(of: ["memory_limit": 4096]) == 4096)
        let machine = try #require(Clock.memoryLimit(of: [:]), "the machine's memory is one")
        #expect(machine >= Clock.peakMemory())
        #expect(Clock.memoryLimit(of: ["memory_limit": .int(.max)]) == machine)
    }

    @Test(arguments: [
        (0.1 + 0.2, 6, 0.3), (2.5, 0, 3), (-2.5, 0, -3), (0.97012349, 6, 0.970123), (1e300, 6, 1e300), (0, 3, 0),
        (-0.0000004, 6, -0.0),
    ])
    func roundingLeavesNoMoreDecimals(_ value: Double, _ decimals: Int, _ expected: Double) {
        #expect(value.rounded(decimals: decimals) == expected)
    }

    @Test func whatIsNotFiniteStaysSo() {
        #expect(Double.infinity.rounded(decimals: 3) == .infinity)
        #expect(Double.nan.rounded(decimals: 3).isNaN)
    }
}
