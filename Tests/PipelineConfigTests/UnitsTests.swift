import PipelineConfig
import Testing

struct UnitsTests {
    @Test(
        arguments: [
            ("256 MiB", 268_435_456), ("256MiB", 268_435_456), ("1.5 GiB", 1_610_612_736), ("1 kB", 1000),
            ("1 KB", 1000),
            ("0 B", 0), ("2 TB", 2_000_000_000_000), ("0.5 KiB", 512), ("256", nil), ("MiB", nil), ("", nil),
            ("-1 B", nil), ("1.5 B", nil), ("1e3 B", nil), ("0x10 B", nil), ("1 mib", nil), ("inf B", nil),
            ("1. MiB", nil),
            (".5 MiB", nil), ("1 MiB ", nil), (" 1 MiB", nil), ("9999999999 TiB", nil), ("١ MiB", nil),
        ] as [(String, Int?)])
    func `sizes`(text: String, bytes: Int?) {
        #expect(ByteSize.bytes(parsing: text) == bytes)
    }

    @Test(
        arguments: [
            ("60 s", 60), ("500 ms", 0.5), ("1.5h", 5400), ("5 min", 300), ("5 m", 300), ("1 d", 86400), ("0 s", 0),
            ("60", nil), ("s", nil), ("-1 s", nil), ("1 second", nil), ("nan s", nil), ("", nil),
        ] as [(String, Double?)])
    func `time spans`(text: String, seconds: Double?) {
        #expect(TimeSpan.seconds(parsing: text) == seconds)
    }

    @Test(
        arguments: [
            ("70%", 0.7), ("70 %", 0.7), ("0%", 0), ("100%", 1), ("12.5%", 0.125), ("101%", nil), ("0.7", nil),
            ("-1%", nil),
        ] as [(String, Double?)])
    func `percentages`(text: String, fraction: Double?) {
        #expect(Percentage.fraction(parsing: text) == fraction)
    }
}
