import Foundation
import JSON
import TestKit
import Testing

@Suite struct JSONWriterTests {
    /// Fixtures/json/make_canonical.py wrote these with Python's `json`.
    @Test func `canonical JSON is what Python writes`() throws {
        let file = try Checkout.read("Tests/Fixtures/json/canonical.jsonl")
        var cases = 0
        for line in file.split(separator: UInt8(ascii: "\n")) {
            let golden = try JSON(parsing: line)
            let value = try JSON(parsing: try #require(golden["text"]?.string))
            let canonical = try #require(golden["canonical"]?.string)
            let written = value.text(.canonical)
            #expect(written.hasSameBytes(as: canonical), "\(golden)")
            // Reading back gives the same value and the same bytes.
            #expect(try JSON(parsing: written).text(.canonical).hasSameBytes(as: canonical))
            cases += 1
        }
        #expect(cases > 1400)
    }

    private static let sample: JSON = [
        "b": [1, 2.5, "x"], "a": ["nested": [["deep": nil], []], "empty": [:], "none": []], "é\n": true,
    ]

    @Test func `every layout`() {
        #expect(
            Self.sample.text(.line)
                == #"{"b": [1, 2.5, "x"], "a": {"nested": [{"deep": null}, []], "empty": {}, "none": []}, "é\n": true}"#
        )
        #expect(
            Self.sample.text(.compact)
                == #"{"b":[1,2.5,"x"],"a":{"nested":[{"deep":null},[]],"empty":{},"none":[]},"é\n":true}"#)
        #expect(
            Self.sample.text(.canonical)
                == #"{"a":{"empty":{},"nested":[{"deep":null},[]],"none":[]},"b":[1,2.5,"x"],"é\n":true}"#)
        #expect(
            Self.sample.text(.pretty) == #"""
                {
                  "b": [1, 2.5, "x"],
                  "a": {
                    "nested": [
                      {
                        "deep": null
                      },
                      []
                    ],
                    "empty": {},
                    "none": []
                  },
                  "é\n": true
                }
                """#)
    }

    @Test(arguments: [JSONLayout.line, .compact, .pretty])
    func `every layout reads back the same in the same order`(_ layout: JSONLayout) throws {
        let again = try JSON(parsing: Self.sample.bytes(layout))
        #expect(again == Self.sample)
        #expect(again.bytes(layout) == Self.sample.bytes(layout))
    }

    @Test func `only what must be is escaped`() {
        let text = "\"\\/\u{0}\u{1F}\u{7F}\u{8}\u{C}\n\r\té\u{2028}😀"
        #expect(JSON.string(text).text(.line) == #""\"\\/\u0000\u001f"# + "\u{7F}" + #"\b\f\n\r\té"# + "\u{2028}😀\"")
    }

    @Test func `what JSON cannot say is null`() {
        #expect(
            JSON.array([.double(.nan), .double(.infinity), .double(-.infinity)]).text(.line) == "[null, null, null]")
    }

    @Test func `integers and doubles stay apart`() {
        #expect(
            JSON.array([1, 1.0, -0.0, 1e15, 1e16, 1e-4, 1e-5]).text(.compact)
                == "[1,1.0,-0.0,1000000000000000.0,1e+16,0.0001,1e-05]")
    }
}
