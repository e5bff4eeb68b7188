import Glibc

/// A perceptual frequency scale.
public enum MelScale: Sendable {
    /// HTK's and Kaldi's: 1127·ln(1 + f/700).
    case htk
    /// Slaney's Auditory Toolbox and librosa's default: linear below 1 kHz, logarithmic above it.
    case slaney

    /// The mel value of a frequency in Hz.
    public func mel(hertz: Double) -> Double {
        switch self {
        case .htk: 1127 * log(1 + hertz / 700)
        case .slaney: hertz < 1000 ? 3 * hertz / 200 : 15 + 27 * log(hertz / 1000) / log(6.4)
        }
    }

    /// The frequency in Hz of a mel value.
    public func hertz(mel: Double) -> Double {
        switch self {
        case .htk: 700 * (exp(mel / 1127) - 1)
        case .slaney: mel < 15 ? 200 * mel / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
        }
    }
}
