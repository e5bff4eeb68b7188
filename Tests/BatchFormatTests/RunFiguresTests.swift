import BatchFormat
import Digests
import JSON
import Testing

struct RunFiguresTests {
    private let all: JSONObject = [
        "host": "here", "started_at": "a", "finished_at": "b", "seconds": 1.5, "peak_memory_bytes": 2, "parts_made": 3,
        "parts_reused": 4, "tool_version": "t", "jobs": 5, "waited_for_input": 0.5, "waited_for_followers": 0.25,
        "memory_limit_bytes": 6, "transaction": 7, "loaded_at": "c", "input_path": "/in", "follows": "clean/v1",
        "memory_cuts": 1, "largest_memory_cut": ["items": 32, "most": 14], "checksum": "x",
    ]

    private func names(_ sealed: SealedJSON) -> [String] { sealed.object["run"]?.object?.members.map(\.0) ?? [] }

    private var identity: VersionIdentity {
        VersionIdentity(
            pipeline: "digits", batch: "2026-11-20", stage: "clean", tool: "clean", revision: 1, config: [:])
    }

    @Test func `a version's seal has its members in one order`() {
        let seal = VersionSeal(identity: identity, inputs: [], parts: [], run: RunFigures(all))
        #expect(
            names(seal.sealed) == [
                "host", "started_at", "finished_at", "seconds", "peak_memory_bytes", "parts_made", "parts_reused",
                "tool_version", "jobs", "waited_for_input", "waited_for_followers", "memory_limit_bytes",
            ])
    }

    @Test func `a load's seal has its members in one order`() {
        let file = SealedFile(name: "receipt.json", bytes: 1, sha256: Digest(of: []))
        let seal = VersionSeal(
            identity: identity, inputs: [], parts: [], files: [file], fingerprint: Digest(of: []), run: RunFigures(all))
        #expect(
            names(seal.sealed) == [
                "host", "started_at", "tool_version", "jobs", "finished_at", "seconds", "peak_memory_bytes",
                "memory_limit_bytes", "transaction", "loaded_at",
            ])
    }

    @Test func `a manifest has its members in one order`() {
        let manifest = RunManifest(
            identity: identity, effectiveConfig: [:], inputs: [], fingerprint: nil, run: RunFigures(all))
        #expect(names(manifest.sealed) == ["host", "started_at", "tool_version", "jobs", "input_path", "follows"])
    }

    @Test func `what is read is what was written`() {
        let figures = RunFigures(all)
        #expect(figures.waitedForInput == 0.5 && figures.transaction == 7 && figures.follows == "clean/v1")
        #expect(figures.memoryCuts.count == 1 && figures.memoryCuts.largest?.most == 14)
        #expect(RunFigures(["seconds": "long", "jobs": .null]) == RunFigures())
    }
}
