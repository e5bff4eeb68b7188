import Fault
import JSON
import PipelineConfig
import Testing

/// What the declaration language can say, on a section that no pipeline has: tables under names of the owner's choice,
/// arrays of tables, tables in tables, conditions.
struct SectionTests {
    private struct Endpoints: ConfigSection {
        enum Wire: String, ConfigWord { case oip, json }

        struct Auth: ConfigSection {
            @Key("header", .text(.anyOrEmpty), default: "Authorization", "The header") var header: String
            @Key("env", .text(.anyOrEmpty), required: "", "The variable with the secret") var variable: String
        }

        struct Price: ConfigSection {
            @Key("per_request", .number(0 ... .infinity), default: 0, "The price of a request") var perRequest: Double
            @Key("tiers", .list(), "Prices from a volume on") var tiers: [Tier]
        }

        struct Tier: ConfigSection {
            @Key("from", .int(0 ... .max), required: 0, "The volume") var from: Int
            @Key("price", .number(0...1000), required: 0, "The price") var price: Double
        }

        struct Endpoint: ConfigSection {
            @Key("protocol", .word(), default: .oip, "How it is spoken to") var wire: Wire
            @Key(
                "request", .text(.anyOrEmpty), only: Condition("protocol", isOneOf: [Wire.json]), "What is sent")
            var request: String?
            @Key(
                "items", .int(1...100), default: 8, except: [Condition("protocol", isOneOf: [Wire.json]): 1],
                "How many items a request holds")
            var items: Int
            @Key("auth", .table(), "How it knows us") var auth: Auth?
            @Key("price", .table(), "What it costs") var price: Price

            var contradiction: Contradiction? {
                wire == .json && request == nil ? Contradiction($request, "is missing: protocol = \"json\"") : nil
            }
        }

        @Key("endpoints", .tables(), changesBytes: true, "Where models answer") var endpoints: [Named<Endpoint>]
        @Key("tiers", .list(), "Prices at large") var tiers: [Tier]
        @Key("wait", .duration(0...60), default: 2.5, "How long") var wait: Double
        @Key("room", .byteSize(1 ... .max), default: 3 << 20, "How much") var room: Int
    }

    private static func read(_ text: String) throws -> (section: Endpoints, record: JSONObject) {
        try Endpoints.read(text: text, fileName: "x.toml")
    }

    private static func message(_ text: String) -> String { messageOfFault { try read(text) } }

    @Test func `tables under chosen names, in any order and nesting`() throws {
        let (section, record) = try Self.read(
            """
            [endpoints.translator]
            protocol = "json"
            request = "{}"
            price = { per_request = 1, tiers = [{ from = 10, price = 0.5 }, { from = 100, price = 0.25 }] }
            [endpoints.asr]
            auth.env = "TOKEN"
            """)
        #expect(section.endpoints.map(\.name) == ["asr", "translator"])
        let (asr, translator) = (section.endpoints[0], section.endpoints[1])
        #expect(asr.auth?.variable == "TOKEN" && asr.auth?.header == "Authorization")
        #expect(asr.wire == .oip && asr.items == 8 && asr.price.perRequest == 0 && asr.price.tiers.isEmpty)
        #expect(translator.wire == .json && translator.items == 1 && translator.request == "{}")
        #expect(translator.price.tiers.map(\.from) == [10, 100])
        #expect(translator.price.tiers.map(\.price) == [0.5, 0.25])
        #expect(
            JSON.object(record).text(.line)
                == #"{"endpoints": {"translator": {"protocol": "json", "request": "{}", "items": 1, "price": "#
                + #"{"per_request": 1.0, "tiers": [{"from": 10, "price": 0.5}, {"from": 100, "price": 0.25}]}}, "#
                + #""asr": {"protocol": "oip", "items": 8, "auth": {"header": "Authorization", "env": "TOKEN"}}}, "#
                + #""wait": 2.5, "room": 3145728}"#)
    }

    @Test func `arrays of tables keep their order`() throws {
        let section = try Self.read("[[tiers]]\nfrom = 2\nprice = 2\n[[tiers]]\nfrom = 1\nprice = 3\n").section
        #expect(section.tiers.map(\.from) == [2, 1])
        #expect(section.endpoints.isEmpty)
    }

    @Test(arguments: [
        (
            "[endpoints.a]\nprotocl = 1",
            "2: endpoints.a.protocl is not a known key; did you mean endpoints.a.protocol?"
        ),
        (
            "[endpoints.a]\n[endpoints.a.auth]\nheader = \"X\"",
            "2: endpoints.a.auth.env is missing: it must be a string"
        ),
        (
            "[endpoints.a]\nrequest = \"x\"",
            "2: endpoints.a.request does not apply with protocol = \"oip\"; leave it out"
        ),
        ("[endpoints.a]\nprotocol = \"json\"", "1: endpoints.a.request is missing: protocol = \"json\""),
        ("endpoints = 3", "1: endpoints must be a table of tables, not 3"),
        ("[endpoints]\na = 3", "2: endpoints.a must be a table, not 3"),
        ("tiers = 3", "1: tiers must be an array of tables, not 3"),
        ("tiers = [3]", "1: tiers[0] must be a table, not 3"),
        (
            "[[tiers]]\nfrom = 1\nprice = 1\n\n[[tiers]]\nfrom = 1\nprise = 1\nprice = 2",
            "7: tiers[1].prise is not a known key; did you mean tiers[1].price?"
        ),
        ("[[tiers]]\nfrom = 1\nprice = 1\n[[tiers]]\nprice = 2", "4: tiers[1].from is missing: it must be "),
        (
            "[endpoints.a.price]\ntiers = [\n  { from = 1, price = 2 },\n  { from = -1, price = 2 },\n]",
            "4: endpoints.a.price.tiers[1].from must be an integer of at least 0, not -1"
        ),
        (
            "[[endpoints.a.price.tiers]]\nfrom = 1\nprice = 1\n[[endpoints.a.price.tiers]]\nfrom = \"x\"\nprice = 1",
            "5: endpoints.a.price.tiers[1].from must be an integer of at least 0, not \"x\""
        ),
    ])
    func `what is wrong in a nested table is named with its own line`(text: String, expected: String) {
        let message = Self.message(text)
        #expect(expected.hasSuffix(" ") ? message.hasPrefix("x.toml:" + expected) : message == "x.toml:" + expected)
    }

    @Test func `the reference shows defaults as a file would hold them`() {
        #expect(
            Reference.table(of: Endpoints.schema)
                == """
                | key | value | default | changes bytes | meaning |
                | --- | --- | --- | --- | --- |
                | `endpoints` | a table of tables |  | yes | Where models answer |
                | `tiers` | an array of tables |  |  | Prices at large |
                | `wait` | a time span such as "60 s" | `"2.5 s"` |  | How long |
                | `room` | a size such as "256 MiB" | `"3 MiB"` |  | How much |

                """)
        #expect(
            Reference.table(of: Endpoints.Endpoint.schema).contains(
                "| `items` | an integer from 1 to 100 | `8`; `1` for `json` |  | How many items a request holds |"))
    }

    @Test func `a copy of a section keeps what it had`() {
        var config = InferConfig()
        let copy = config
        config.top = 7
        #expect(copy.top == 3 && config.top == 7)
    }
}
