import BatchFormat
import Digests
import JSON
import Testing

@Suite struct VersionIdentityTests {
    private struct Making {
        var stage = "clean"
        var tool = "clean"
        var revision = 1
        var config: JSONObject = ["b": 1, "a": 16000.0]
        var model: JSON = .null

        var identity: VersionIdentity {
            VersionIdentity(
                pipeline: "digits", batch: "2026-11-20", stage: stage, tool: tool, revision: revision, config: config,
                model: model)
        }
    }

    private func key(_ change: (inout Making) -> Void = { _ in }, input: String = "input") -> Digest {
        var making = Making()
        change(&making)
        return making.identity.key(input: Digest(of: input.utf8))
    }

    @Test func `the key is the documented digest`() {
        let text =
            #"{"config":{"a":16000.0,"b":1},"format":1,"input":"INPUT","model":null,"#
            + #""revision":1,"stage":"clean","tool":"clean"}"#
        #expect(key() == Digest(of: text.replacing("INPUT", with: Digest(of: "input".utf8).hex).utf8))
    }

    @Test func `whatever changes bytes changes the key`() {
        let keys = [
            key(), key(input: "other"), key { $0.stage = "translate" }, key { $0.tool = "infer" },
            key { $0.revision = 2 },
            key { $0.config = ["b": 1, "a": 16000] }, key { $0.config = [:] }, key { $0.model = ["digest": "00"] },
            key { $0.model = ["digest": "01"] },
        ]
        #expect(Set(keys).count == keys.count)
    }

    @Test func `what changes no bytes leaves the key as it is`() {
        #expect(key() == key { $0.config = ["a": 16000.0, "b": 1] })
        #expect(
            key { $0.model = ["name": "digits", "version": "3", "digest": "00"] } == key { $0.model = ["digest": "00"] }
        )
    }

    @Test func `fingerprints are over the keys in order`() {
        let (a, b) = (Digest(of: "a".utf8), Digest(of: "b".utf8))
        #expect(VersionSeal.fingerprint(of: [a, b]) == Digest(of: "[\"\(a)\",\"\(b)\"]".utf8))
        #expect(VersionSeal.fingerprint(of: [a, b]) != VersionSeal.fingerprint(of: [b, a]))
        #expect(VersionSeal.fingerprint(of: []) == Digest(of: "[]".utf8))
    }
}
