import JSON
import Testing

@Suite struct JSONTests {
    @Test func `equal means the same bytes`() {
        let (nfc, nfd) = (JSON.string("caf\u{E9}"), JSON.string("cafe\u{301}"))
        #expect(nfc != nfd)
        #expect(JSON.array([nfc]) != JSON.array([nfd]))
        #expect(JSON.object(["k": nfc]) != JSON.object(["k": nfd]))
        #expect(Set([nfc, nfd, nfc]).count == 2)
        #expect(JSON.int(1) != JSON.double(1))
        #expect(JSON.double(0.0) != JSON.double(-0.0))
        #expect(JSON.double(.nan) == JSON.double(.nan))
        #expect(JSON.bool(true) != JSON.int(1))
        #expect(JSON.null != JSON.bool(false))
    }

    @Test func `objects are equal in the same order only`() {
        let (one, other): (JSONObject, JSONObject) = (["a": 1, "b": 2], ["b": 2, "a": 1])
        #expect(one != other)
        #expect(one == ["a": 1, "b": 2])
        #expect(Set([one, other, one]).count == 2)
    }

    @Test func `members keep their places`() {
        var object: JSONObject = ["a": 1, "b": 2, "c": 3]
        object["b"] = "new"
        object["d"] = 4
        object["a"] = nil
        object["absent"] = nil
        #expect(JSON.object(object).text(.line) == #"{"b": "new", "c": 3, "d": 4}"#)
        #expect(object["absent"] == nil)
        #expect(!object.isEmpty && JSONObject().isEmpty)
    }

    @Test func `a later member of the same name replaces the earlier`() {
        #expect(JSONObject(["a": 1, "b": 2, "a": 3] as KeyValuePairs) == ["a": 3, "b": 2])
    }

    @Test func `names are bytes`() {
        var object = JSONObject()
        object["\u{E9}"] = 1
        object["e\u{301}"] = 2
        #expect(object.members.count == 2)
        #expect(object["\u{E9}"] == 1)
    }

    @Test func `values are given as what they are`() {
        let value: JSON = ["s": "x", "i": 7, "d": 0.5, "b": true, "n": nil, "a": [1], "o": [:]]
        #expect(value["s"]?.string == "x" && value["s"]?.int == nil && value["s"]?.double == nil)
        #expect(value["i"]?.int == 7 && value["i"]?.double == 7 && value["i"]?.bool == nil)
        #expect(value["d"]?.double == 0.5 && value["d"]?.int == nil)
        #expect(value["b"]?.bool == true && value["b"]?.int == nil)
        #expect(value["n"] == .null && value["n"]?.string == nil)
        #expect(value["a"]?.array == [1] && value["a"]?.object == nil && value["a"]?["x"] == nil)
        #expect(value["o"]?.object?.isEmpty == true && value["absent"] == nil)
    }

    @Test func `strings are ordered by their bytes`() {
        // As UTF-16 or in Swift's own order, the last two would be the other way round.
        let sorted = ["", "A", "Z", "a", "a/b", "aa", "e\u{301}", "\u{E9}", "\u{FFFF}", "\u{10000}"]
        #expect(
            sorted.shuffled().sorted { $0.precedesByBytes($1) }.map { Array($0.utf8) } == sorted.map { Array($0.utf8) })
        #expect(!"a".precedesByBytes("a"))
    }

    @Test func `the same bytes hash the same`() {
        func hash(_ text: String) -> Int {
            var hasher = Hasher()
            text.hashBytes(into: &hasher)
            return hasher.finalize()
        }
        let long = String(repeating: "device-07/", count: 10)
        #expect(hash(long) == hash(String(decoding: Array(long.utf8), as: UTF8.self)))
        #expect(hash("\u{E9}") != hash("e\u{301}"))
        #expect(!"\u{E9}".hasSameBytes(as: "e\u{301}") && "\u{E9}" == "e\u{301}")
    }
}
