import Signal
import Testing

@Suite struct NormalizationTests {
    @Test func `an item is normalised bin by bin`() {
        var features: [Float] = [1, 10, 3, 10, 5, 10]
        Normalizer.normalizeItem(&features, bins: 2)
        // Population σ of 1, 3, 5 is √(8/3); a bin that never changes gives 0.
        let step = Float(2 / ((8.0 / 3).squareRoot() + 1e-5))
        #expect(features == [-step, 0, 0, 0, step, 0])
    }

    @Test func `one frame becomes zero`() {
        var features: [Float] = [-15.9, 3, 7]
        Normalizer.normalizeItem(&features, bins: 3)
        #expect(features == [0, 0, 0])
    }

    @Test func `global statistics are those given`() {
        var features: [Float] = [3, 4, 5, 6]
        Normalizer(means: [1, 2], standardDeviations: [2, 0]).apply(to: &features)
        #expect(abs(features[0] - 0.999995) < 1e-6)
        #expect(abs(features[1] - 200_000) < 1)
        #expect(abs(features[2] - 1.99999) < 1e-6)
        #expect(abs(features[3] - 400_000) < 1)
    }
}

@Suite struct FeatureStatisticsTests {
    @Test func `pieces merge to the whole`() {
        var noise = Noise(seed: 8)
        // A large mean with a small spread, which loses digits in a naive sum of squares.
        let rows = (0..<3000).map { $0 % 3 == 0 ? 1000 + noise.next() : noise.next() * Float($0 % 3) }
        var whole = FeatureStatistics(bins: 3)
        whole.add(rows.span)
        var merged = FeatureStatistics(bins: 3)
        for start in stride(from: 0, to: rows.count, by: 21) {
            merged.add(rows[start..<min(start + 21, rows.count)].span)
        }
        #expect(whole.frames == 1000)
        #expect(merged.frames == 1000)
        for bin in 0..<3 {
            #expect(abs(whole.means[bin] - merged.means[bin]) < 1e-10)
            #expect(abs(whole.standardDeviations[bin] - merged.standardDeviations[bin]) < 1e-10)
        }
        // Uniform numbers from −a to a have a spread of a/√3.
        #expect(abs(whole.standardDeviations[0] - 0.577) < 0.04)
        #expect(abs(whole.standardDeviations[2] - 1.155) < 0.04)
    }

    @Test(arguments: [1, 7, 999, 1000, 5000])
    func `rows in blocks give the same bits`(rowsInEach: Int) {
        var noise = Noise(seed: 9)
        let rows = (0..<3000).map { _ in 100 + noise.next() }
        var whole = FeatureStatistics(bins: 3)
        whole.add(rows.span)
        let blocks = FeatureStatistics(bins: 3) { body in
            for start in stride(from: 0, to: rows.count, by: 3 * rowsInEach) {
                body(rows[start..<min(start + 3 * rowsInEach, rows.count)].span)
            }
        }
        #expect(blocks == whole)
        #expect(blocks.frames == 1000)
    }

    @Test func `nothing seen has no spread`() {
        var empty = FeatureStatistics(bins: 2)
        empty.add([Float]().span)
        empty.merge(FeatureStatistics(bins: 2))
        #expect(empty.frames == 0)
        #expect(empty.standardDeviations == [0, 0])
    }
}
