import TOMLText
import Testing

struct NearestTests {
    @Test(arguments: [
        ("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("smaple", "sample", 1), ("ca", "abc", 3),
        ("sample_rate", "sample-rate", 1),
    ])
    func `the distance counts single slips, and a swap as one`(a: String, b: String, expected: Int) {
        #expect(editDistance(a, b) == expected)
        #expect(editDistance(b, a) == expected)
    }

    @Test func `a guess is near, or none is made`() {
        let keys = ["sample_rate", "channels", "resampler"]
        #expect(nearest(to: "sampel_rate", among: keys) == "sample_rate")
        #expect(nearest(to: "Channel", among: keys) == "channels")
        #expect(nearest(to: "volume", among: keys) == nil)
        #expect(nearest(to: "volume", among: []) == nil)
    }
}
