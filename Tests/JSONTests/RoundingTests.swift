import JSON
import Testing

struct RoundingTests {
    @Test(arguments: [
        (0.1 + 0.2, 6, 0.3), (2.5, 0, 3), (-2.5, 0, -3), (0.97012349, 6, 0.970123), (1e300, 6, 1e300), (0, 3, 0),
        (-0.0000004, 6, -0.0),
    ])
    func `rounding leaves no more decimals`(_ value: Double, _ decimals: Int, _ expected: Double) {
        #expect(value.rounded(decimals: decimals) == expected)
    }

    @Test func `what is not finite stays so`() {
        #expect(Double.infinity.rounded(decimals: 3) == .infinity)
        #expect(Double.nan.rounded(decimals: 3).isNaN)
    }
}
