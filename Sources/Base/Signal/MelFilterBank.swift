/// Triangular filters, evenly spaced on a mel scale, stored without their zeros.
public struct MelFilterBank: Sendable {
    /// One filter: its weights on the spectrum's bins `firstBin ..< firstBin + weights.count`.
    public struct Filter: Sendable {
        /// The first bin with a weight.
        public let firstBin: Int
        /// The weights from that bin on.
        public let weights: [Double]
    }

    /// The filters, from low to high frequency.
    public let filters: [Filter]

    /// Kaldi's filters: triangles linear in HTK mel, peak 1, over bins 0 ..< transformLength/2 (no Nyquist bin).
    ///
    /// - Parameters:
    ///   - lowFrequency: the lower edge of the first filter, in Hz.
    ///   - highFrequency: the upper edge of the last filter, in Hz; zero or less counts down from the Nyquist
    ///     frequency.
    public static func kaldi(
        count: Int, transformLength: Int, sampleRate: Int, lowFrequency: Double, highFrequency: Double
    ) throws(OptionsError) -> MelFilterBank {
        let nyquist = Double(sampleRate) / 2
        let upper = highFrequency > 0 ? highFrequency : nyquist + highFrequency
        guard lowFrequency >= 0, lowFrequency < upper, upper <= nyquist else {
            throw OptionsError(
                "the mel filters cannot span \(lowFrequency) Hz to \(upper) Hz: set 0 <= low < high <= \(nyquist) Hz")
        }
        let low = MelScale.htk.mel(hertz: lowFrequency)
        let edges = evenEdges(count: count, from: low, to: MelScale.htk.mel(hertz: upper))
        let binMels = (0..<transformLength / 2).map {
            MelScale.htk.mel(hertz: Double($0) * Double(sampleRate) / Double(transformLength))
        }
        return try triangles(edges: edges, bins: binMels) { _, _ in 1 }
    }

    /// librosa's filters, as used by Whisper: triangles linear in Hz with edges evenly spaced in Slaney mel, each of
    /// area 1,
    /// over bins 0 … transformLength/2.
    public static func slaney(count: Int, transformLength: Int, sampleRate: Int) throws(OptionsError) -> MelFilterBank {
        let nyquist = Double(sampleRate) / 2
        let mels = evenEdges(count: count, from: 0, to: MelScale.slaney.mel(hertz: nyquist))
        let edges = mels.map { MelScale.slaney.hertz(mel: $0) }
        let bins = (0...transformLength / 2).map { Double($0) * Double(sampleRate) / Double(transformLength) }
        return try triangles(edges: edges, bins: bins) { left, right in 2 / (right - left) }
    }

    private static func evenEdges(count: Int, from low: Double, to high: Double) -> [Double] {
        (0..<count + 2).map { low + (high - low) * Double($0) / Double(count + 1) }
    }

    private static func triangles(
        edges: [Double], bins: [Double], height: (_ left: Double, _ right: Double) -> Double
    ) throws(OptionsError) -> MelFilterBank {
        var filters: [Filter] = []
        for index in 0..<edges.count - 2 {
            let (left, center, right) = (edges[index], edges[index + 1], edges[index + 2])
            let inside = bins.indices.filter { bins[$0] > left && bins[$0] < right }
            guard let first = inside.first else {
                throw OptionsError(
                    "mel filter \(index) of \(edges.count - 2) lies between two bins of the spectrum: set fewer mel bins"
                )
            }
            let peak = height(left, right)
            let weights = inside.map { bin in
                let position = bins[bin]
                let rise = (position - left) / (center - left)
                let fall = (right - position) / (right - center)
                return peak * min(rise, fall)
            }
            filters.append(Filter(firstBin: first, weights: weights))
        }
        return MelFilterBank(filters: filters)
    }
}

/// A filter bank laid out for the inner loop: all weights in one row, in single precision.
struct MelFilterTable: ~Copyable {
    let count: Int
    private let firstBins: FixedBuffer<Int>
    private let widths: FixedBuffer<Int>
    private let weights: FixedBuffer<Float>

    init(_ bank: MelFilterBank) {
        count = bank.filters.count
        firstBins = FixedBuffer(bank.filters.map(\.firstBin))
        widths = FixedBuffer(bank.filters.map(\.weights.count))
        weights = FixedBuffer(bank.filters.flatMap { $0.weights.map { Float($0) } })
    }

    /// Sums the power spectra weighted by each filter: `count` numbers for each frame.
    func apply(to power: UnsafePointer<Lanes>, into energies: UnsafeMutablePointer<Lanes>) {
        var weight = UnsafePointer(weights.base)
        for filter in 0..<count {
            let bins = power + firstBins.base[filter]
            let width = widths.base[filter]
            // Two sums, so that the additions do not wait for each other.
            var even = Lanes.zero
            var odd = Lanes.zero
            var bin = 0
            while bin &+ 1 < width {
                even += bins[bin] * weight[bin]
                odd += bins[bin &+ 1] * weight[bin &+ 1]
                bin &+= 2
            }
            if bin < width { even += bins[bin] * weight[bin] }
            energies[filter] = even + odd
            weight += width
        }
    }
}
