/// How a recording is resampled. The names are those of `pipeline.toml`.
///
/// All are linear-phase, delay-compensated and deterministic. docs/decisions/resampling.md has the figures.
public enum ResamplingMode: String, CaseIterable, Sendable {
    /// libsoxr's high quality, 20 bits: the default. Fast, and more precise than 16-bit recordings.
    case soxrHQ = "soxr-hq"
    /// libsoxr's very high quality, 28 bits, in double precision.
    case soxrVHQ = "soxr-vhq"
    /// libsamplerate's best sinc: the widest pass-band, a hundred times the work.
    case samplerateBest = "samplerate-best"
    /// libsamplerate's medium sinc: loses the top tenth of the band.
    case samplerateMedium = "samplerate-medium"
    /// libsamplerate's fastest sinc: loses the top fifth of the band.
    case samplerateFastest = "samplerate-fastest"
}
