import BatchFormat
import Digests
import Durable
import Fault
import JSON
import TestKit
import Testing

@Suite struct RunManifestTests {
    private let scratch: ScratchFolder
    private let manifest = RunManifest(
        identity: VersionIdentity(
            pipeline: "digits", batch: "2026-11-20", stage: "clean", tool: "clean", revision: 3,
            config: ["sample_rate": 16000], model: ["name": "digits", "digest": "00"]),
        effectiveConfig: ["sample_rate": 16000, "max_reject_ratio": 0.05],
        inputs: [
            InputReference(
                pipeline: "digits", batch: "2026-11-20", stage: "fetch", version: "v2", digest: Digest(of: [1]))
        ], fingerprint: Digest(of: [2]), run: RunFigures(["host": "here"]))

    init() throws { scratch = try ScratchFolder() }

    @Test func `what is written is read`() throws {
        try AtomicFile.write(manifest.sealed.bytes(), to: scratch["run.json"])
        let again = try RunManifest(reading: scratch["run.json"])
        #expect(again.identity.key(input: Digest(of: [])) == manifest.identity.key(input: Digest(of: [])))
        #expect(again.identity.pipeline == "digits" && again.identity.model["name"] == "digits")
        #expect(again.effectiveConfig == manifest.effectiveConfig)
        #expect(again.inputs == manifest.inputs)
        #expect(again.fingerprint == manifest.fingerprint)
        #expect(again.run.host == "here")
    }

    @Test func `a plan that is still growing has no fingerprint`() throws {
        let growing = RunManifest(
            identity: manifest.identity, effectiveConfig: [:], inputs: [], fingerprint: nil, run: RunFigures())
        try AtomicFile.write(growing.sealed.bytes(), to: scratch["run.json"])
        #expect(try RunManifest(reading: scratch["run.json"]).fingerprint == nil)
    }

    @Test(arguments: ["kind", "pipeline", "effective_config", "inputs", "config", "revision"])
    func `what lacks a member is damage`(_ member: String) throws {
        try AtomicFile.write(manifest.sealed.bytes(), to: scratch["run.json"])
        try Resealing.reseal(scratch["run.json"]) { $0[member] = nil }
        let fault = #expect(throws: Fault.self) { _ = try RunManifest(reading: scratch["run.json"]) }
        #expect(fault?.kind == .damaged)
    }
}
