import BatchFormat
import Fault
import Foundation
import JSON
import PipelineConfig
import Testing

/// `[clean.fields]`: types, gaps, fills, bounds.
struct FieldTests {
    private static let rules = """
        [clean.fields]
        recorded_at = { type = "timestamp", fill = "last_modified" }
        site = { type = "string", required = true, pattern = "[a-z]+-[0-9]+" }
        gain_db = { type = "number", min = -20, max = 60, fill = 0.0 }
        floor = { type = "integer", min = 0 }
        indoors = { type = "boolean" }
        kind = { type = "string", values = ["voice", "test"], fill = "voice" }
        """

    /// Cleans one sound recording per set of fields, in one part.
    private func clean(_ sets: [JSONObject?], lastModified: String? = "2026-11-19T23:00:00Z") throws -> CleanedPart {
        let tone = Recordings.tones([(0.5, 440)], seconds: 0.2)
        return try FetchedPart(
            sets.enumerated().map { index, fields in
                FetchedPart.Upload(id: "\(index)", bytes: tone, fields: fields, lastModified: lastModified)
            }
        ).clean(Self.rules)
    }

    @Test func `gaps are filled and named`() throws {
        let rows = try clean([
            ["site": "north-1"],
            ["site": "north-1", "gain_db": nil, "kind": "", "recorded_at": "2026-11-19T22:04:11.5+01:00"],
            ["site": "north-1", "gain_db": 3, "kind": "test", "recorded_at": "2026-11-19T22:04:11Z", "floor": 2],
        ]).rows()
        #expect(
            rows["0"]?["fields"]
                == ["site": "north-1", "gain_db": 0.0, "kind": "voice", "recorded_at": "2026-11-19T23:00:00Z"])
        #expect(rows["0"]?["clean"]?["filled"] == ["gain_db", "kind", "recorded_at"])
        #expect(
            rows["1"]?["fields"]
                == ["site": "north-1", "gain_db": 0.0, "kind": "voice", "recorded_at": "2026-11-19T22:04:11.5+01:00"])
        #expect(rows["1"]?["clean"]?["filled"] == ["gain_db", "kind"])
        #expect(
            rows["2"]?["fields"]
                == [
                    "site": "north-1", "gain_db": 3, "kind": "test", "recorded_at": "2026-11-19T22:04:11Z", "floor": 2,
                ])
        #expect(rows["2"]?["clean"]?["filled"] == nil)
    }

    @Test func `text gets its declared type`() throws {
        // As in a CSV file.
        let row = try clean([
            ["site": "north-1", "gain_db": "-3.5", "floor": "12", "indoors": "true", "extra": "7"]
        ]).rows()["0"]
        #expect(row?["fields"]?["gain_db"] == .double(-3.5))
        #expect(row?["fields"]?["floor"] == 12)
        #expect(row?["fields"]?["indoors"] == true)
        #expect(row?["fields"]?["extra"] == "7")
    }

    @Test func `text in another spelling has the value that it can only mean`() throws {
        let numbers: [(String, JSON)] = [
            ("+5", 5.0), (".5", 0.5), ("5.", 5.0), ("-.25", -0.25), (" 7 ", 7.0), ("007", 7.0), ("+1.5E+1", 15.0),
            ("9007199254740992", 9_007_199_254_740_992.0), ("9007199254740993", .int(9_007_199_254_740_993)),
            ("18446744073709551615", .digits("18446744073709551615")),
        ]
        let rules =
            "[clean.fields]\nv = { type = \"number\" }\nn = { type = \"integer\" }\nt = { type = \"timestamp\" }"
        let tone = Recordings.tones([(0.5, 440)], seconds: 0.2)
        func clean(_ sets: [JSONObject]) throws -> CleanedPart {
            try FetchedPart(sets.enumerated().map { FetchedPart.Upload(id: "\($0)", bytes: tone, fields: $1) })
                .clean(rules)
        }
        var rows = try clean(numbers.map { ["v": .string($0.0)] }).rows()
        for (index, number) in numbers.enumerated() {
            #expect(rows["\(index)"]?["fields"]?["v"] == number.1, "\(number.0)")
        }
        rows = try clean([["n": "+5"], ["n": " 05.0 "], ["n": "1e3"], ["t": "20261120T020411,5+0100"]]).rows()
        #expect((0..<3).map { rows["\($0)"]?["fields"]?["n"] } == [5, 5, 1000])
        #expect(rows["3"]?["fields"]?["t"] == "2026-11-20T02:04:11.5+01:00")
        let bad: [JSONObject] = [
            ["v": "1,5"], ["v": "1_000"], ["v": "0x10"], ["v": "NaN"], ["v": "1e999"], ["v": "."], ["v": "+-1"],
            ["v": "1 2"], ["v": "e5"], ["n": "5.5"], ["n": "9223372036854775808"], ["n": "9007199254740993e0"],
            ["n": .digits("9223372036854775808")], ["t": "2026-11-20T02:04:11"],
        ]
        let rejections = try clean(bad).rejections()
        for index in bad.indices {
            #expect(rejections["\(index)"]?.hasPrefix("invalid_field") == true, "\(bad[index])")
        }
    }

    @Test func `what does not fit is rejected with a message`() throws {
        let cases: [(JSONObject?, String)] = [
            (nil, "missing_field: the field \"site\" is missing"),
            (["site": ""], "missing_field: the field \"site\" is missing"),
            (["site": "North"], "invalid_field: the field \"site\" is \"North\", which does not match [a-z]+-[0-9]+"),
            (["site": 7], "invalid_field: the field \"site\" is 7, not a string"),
            (["site": "a-1", "gain_db": 61], "invalid_field: the field \"gain_db\" is 61, more than 60.0"),
            (["site": "a-1", "gain_db": "-20.5"], "invalid_field: the field \"gain_db\" is -20.5, less than -20.0"),
            (["site": "a-1", "gain_db": "loud"], "invalid_field: the field \"gain_db\" is \"loud\", not a number"),
            (["site": "a-1", "gain_db": "nan"], "invalid_field: the field \"gain_db\" is \"nan\", not a number"),
            (["site": "a-1", "floor": 1.5], "invalid_field: the field \"floor\" is 1.5, not an integer"),
            (["site": "a-1", "floor": -1], "invalid_field: the field \"floor\" is -1, less than 0.0"),
            (
                ["site": "a-1", "indoors": "perhaps"],
                "invalid_field: the field \"indoors\" is \"perhaps\", not true or false"
            ),
            (
                ["site": "a-1", "kind": "noise"],
                "invalid_field: the field \"kind\" is \"noise\", none of \"voice\", \"test\""
            ),
            (
                ["site": "a-1", "recorded_at": "yesterday"],
                "invalid_field: the field \"recorded_at\" is \"yesterday\", not a moment such as 2026-11-19T22:04:11Z"
            ),
        ]
        let rejections = try clean(cases.map(\.0)).rejections()
        for (index, example) in cases.enumerated() { #expect(rejections["\(index)"] == example.1) }
    }

    @Test func `timestamps must be real moments`() throws {
        let good = [
            "2026-11-19T22:04:11Z", "2026-11-19t22:04:11z", "2026-11-19 22:04:11+00:00", "2024-02-29T00:00:00.123456Z",
            "2016-12-31T23:59:60Z", "2026-11-19T22:04:11-11:30",
        ]
        let bad = [
            "2026-11-19", "2026-11-19T22:04:11", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-11-19T24:00:00Z", "2026-11-19T22:04:11.Z", "2026-11-19T22:04:11+1:00", "2026-11-19T22:04:11Zx",
            "２026-11-19T22:04:11Z",
        ]
        let part = try clean((good + bad).map { ["site": "a-1", "recorded_at": .string($0)] })
        #expect(try part.reader.items().map(\.id.text) == good.indices.map(String.init))
        #expect(try part.reader.rejects().allSatisfy { $0.reason == "invalid_field" })
    }

    @Test func `a fill that the source cannot supply is missing`() throws {
        let rejections = try clean([["site": "a-1"]], lastModified: nil).rejections()
        #expect(
            rejections["0"]
                == "missing_field: the field \"recorded_at\" is missing, and the source gave no last_modified to fill it with"
        )
    }
}
