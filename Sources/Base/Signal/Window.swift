import Glibc

/// The taper applied to a frame before its Fourier transform.
public enum Window: String, Codable, Sendable, CaseIterable {
    /// Kaldi's default: a Hann window to the power of 0.85, which, unlike Hamming, falls to zero at the edges.
    case povey
    /// 0.5 − 0.5·cos.
    case hann = "hanning"
    /// 0.54 − 0.46·cos.
    case hamming
    /// 0.42 − 0.5·cos + 0.08·cos of the doubled angle.
    case blackman
    /// No taper.
    case rectangular

    /// The window's `count` coefficients, computed in double.
    ///
    /// A symmetric window spans N − 1 steps (Kaldi); a periodic one spans N, so that its repetitions join (Whisper, SciPy's
    /// `fftbins=True`).
    public func coefficients(count: Int, periodic: Bool = false) -> [Double] {
        guard count > 1 else { return [Double](repeating: 1, count: max(count, 0)) }
        let step = 2 * Double.pi / Double(periodic ? count : count - 1)
        return (0..<count).map { index in
            let angle = step * Double(index)
            return switch self {
            case .povey: pow(0.5 - 0.5 * cos(angle), 0.85)
            case .hann: 0.5 - 0.5 * cos(angle)
            case .hamming: 0.54 - 0.46 * cos(angle)
            case .blackman: 0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle)
            case .rectangular: 1
            }
        }
    }
}
