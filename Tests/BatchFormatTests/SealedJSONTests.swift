import BatchFormat
import Digests
import Fault
import JSON
import TestBatches
import TestKit
import Testing

@Suite struct SealedJSONTests {
    private let scratch: ScratchFolder
    private var path: String { scratch["seal.json"] }
    private static let body: JSONObject = ["format": 1, "kind": "part", "né\"": [1, 2.5, nil]]

    init() throws { scratch = try ScratchFolder() }

    private func read(_ bytes: [UInt8]) throws(Fault) -> SealedJSON {
        try Damaging.overwrite(path, with: bytes)
        return try SealedJSON.read(path)
    }

    @Test func `the bytes are the documented ones`() {
        let text = String(decoding: SealedJSON(Self.body, run: ["seconds": 1.5]).bytes(), as: UTF8.self)
        let expected = #"""
            {
              "format": 1,
              "kind": "part",
              "né\"": [1, 2.5, null],
              "run": {
                "seconds": 1.5,
                "checksum": "CHECKSUM"
              }
            }

            """#
        let zeros = expected.replacing("CHECKSUM", with: String(repeating: "0", count: 64))
        #expect(text == expected.replacing("CHECKSUM", with: Digest(of: zeros.utf8).hex))
    }

    @Test func `the digest leaves out the run`() throws {
        let one = SealedJSON(Self.body, run: ["seconds": 1.5])
        let other = SealedJSON(Self.body, run: ["seconds": 99, "host": "elsewhere"])
        #expect(one.digest == other.digest)
        #expect(one.digest == Digest(of: #"{"format":1,"kind":"part","né\"":[1,2.5,null]}"#.utf8))
        #expect(try read(one.bytes()).digest == one.digest)
        #expect(SealedJSON(["format": 1, "kind": "run"], run: [:]).digest != one.digest)
    }

    @Test func `sealing again gives the same bytes`() throws {
        let bytes = SealedJSON(Self.body, run: ["seconds": 1.5]).bytes()
        #expect(try read(bytes).bytes() == bytes)
        let empty = SealedJSON(["format": 1], run: [:]).bytes()
        #expect(try read(empty).bytes() == empty)
    }

    @Test func `every flipped bit is found`() throws {
        let bytes = SealedJSON(Self.body, run: ["seconds": 1.5]).bytes()
        for at in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[at] ^= 1 << UInt8(bit)
                let fault = #expect(throws: Fault.self) { try read(damaged) }
                #expect(fault?.kind == .damaged)
            }
        }
    }

    @Test func `every cut is found`() throws {
        let bytes = SealedJSON(Self.body, run: [:]).bytes()
        for count in 0..<bytes.count {
            let fault = #expect(throws: Fault.self) { try read(Array(bytes[..<count])) }
            #expect(fault?.kind == .damaged)
        }
        for tail in [" ", "\n", "{}"] {
            #expect(throws: Fault.self) { try read(bytes + Array(tail.utf8)) }
        }
    }

    @Test func `another format is refused by name and number`() throws {
        for (format, said) in [("2", "2"), ("\"1\"", "\"1\""), ("1.0", "1.0"), ("null", "null")] {
            let body: JSONObject = ["format": try JSON(parsing: format)]
            let fault = #expect(throws: Fault.self) { try read(SealedJSON(body, run: [:]).bytes()) }
            #expect(fault?.kind == .damaged)
            #expect(fault?.message == "'\(path)' has format \(said); this build reads format 1")
        }
        let none = #expect(throws: Fault.self) { try read(SealedJSON([:], run: [:]).bytes()) }
        #expect(none?.message == "'\(path)' has format none; this build reads format 1")
    }

    @Test(arguments: [
        "[]", "{}", "null", "{\"format\": 1}\n", "{\"format\": 1, \"run\": {\"checksum\": \"\"}}\n", "\u{FEFF}{}",
    ])
    func `what has no checksum is not a seal`(_ text: String) {
        let fault = #expect(throws: Fault.self) { try read(Array(text.utf8)) }
        #expect(fault?.kind == .damaged)
    }
}
