import Foundation
import JSON
import TestKit
import TestTools
import Testing

/// `batches verify` proves every byte of every version.
@Suite(.tags(.slow)) struct VerifyTests {
    @Test func `a sound batch verifies`() throws {
        let place = try Workplace.finished()
        let done = try place.program("batches", ["verify", "small", Workplace.batch]).run()
        #expect(done.code == 0, "\(done)")
        #expect(done.out.contains("5 versions"), "\(done)")
    }

    @Test(arguments: [[], ["--quick"], ["--deep"]])
    func `what is in the wrong place is damage in every mode`(_ mode: [String]) throws {
        func verify(_ place: Workplace) throws -> Finished {
            try place.program("batches", ["verify", "small", Workplace.batch] + mode).run()
        }
        func shell(_ place: Workplace, _ script: String) throws {
            let done = try Program(
                ["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], folder: place.path
            )
            .run()
            try #require(done.code == 0, "\(done)")
        }
        // Another day's version, which is sound in itself.
        let copied = try Workplace.finished()
        try shell(copied, "cp -a data/small/2026-11-20 data/small/2026-11-19")
        let stranger = try copied.program("batches", ["verify", "small", "2026-11-19"] + mode).run()
        #expect(stranger.code == 65 && stranger.err.contains("is a version of small 2026-11-20 clean"), "\(stranger)")
        #expect(try verify(copied).code == 0)
        let clean = "data/small/2026-11-20/clean"
        let cases = [
            ("ln -sfn ../featurize/v1 \(clean)/current", "'\(clean)/current' points at '../featurize/v1'"),
            ("mv \(clean)/v1 aside && ln -s ../../../../aside \(clean)/v1", "'\(clean)/v1' is a link to"),
            (
                "mv \(clean)/v1/part-00000/items.jsonl x && ln -s ../../../../../../x \(clean)/v1/part-00000/items.jsonl",
                "'\(clean)/v1/part-00000/items.jsonl' is a link to"
            ),
            (
                "mv \(clean)/v1/part-00001 p && ln -s ../../../../../p \(clean)/v1/part-00001",
                "part-00001' is a link to"
            ),
        ]
        for (script, expected) in cases {
            let place = try Workplace.finished()
            try shell(place, script)
            let done = try verify(place)
            #expect(done.code == 65 && done.err.contains(expected), "\(script): \(done)")
        }
        // An input that was made again with other bytes.
        let place = try Workplace.finished()
        try shell(place, "rm -r \(clean)")
        try place.succeed("clean", "--set", "clean.silence_dbfs=-70")
        let changed = try verify(place)
        #expect(changed.code == 65 && changed.err.contains("was made from a different"), "\(changed)")
    }

    @Test func `a flipped bit anywhere is found, and the file named`() throws {
        let place = try Workplace.finished()
        // A part whose items were all rejected has an empty ledger, in which no bit can be flipped.
        let files = try place.sealedFiles().filter { try !place.read($0).isEmpty }
        try #require(files.count > 40)
        let seed = SeededGenerator.seed
        var chance = SeededGenerator(seed: seed)
        // Every file once, then random ones up to a hundred.
        let further = (0..<max(0, 100 - files.count)).map { _ in files[Int.random(in: 0..<files.count, using: &chance)]
        }
        for file in files + further {
            let bytes = try place.read(file)
            let position = Int.random(in: 0..<bytes.count, using: &chance)
            let mask = UInt8(1) << UInt8.random(in: 0..<8, using: &chance)
            try place.flip(file, at: position, mask: mask)
            let done = try place.program("batches", ["verify", "small", Workplace.batch]).run()
            #expect(done.code == 65, "\(file) byte \(position) mask \(mask) (NOCTURNE_SEED=\(seed)): \(done)")
            #expect(done.err.contains(file), "\(file) byte \(position) is not named: \(done)")
            try place.write(file, bytes)
        }
        #expect(try place.program("batches", ["verify", "small", Workplace.batch]).run().code == 0)
    }

    @Test func `a lost file is found`() throws {
        let place = try Workplace.finished()
        for file in try place.sealedFiles() {
            let bytes = try place.read(file)
            try place.remove(file)
            let done = try place.program("batches", ["verify", "small", Workplace.batch]).run()
            #expect(done.code == 65, "without \(file): \(done)")
            #expect(done.err.contains(file), "without \(file): \(done)")
            try place.write(file, bytes)
        }
    }

    @Test func `a cut or lengthened file is found`() throws {
        let place = try Workplace.finished()
        for file in try place.sealedFiles() {
            let bytes = try place.read(file)
            for changed in [Array(bytes.dropLast()), bytes + [0x0A], []] where changed != bytes {
                try place.write(file, changed)
                let done = try place.program("batches", ["verify", "small", Workplace.batch]).run()
                #expect(done.code == 65, "\(file) of \(changed.count) bytes: \(done)")
                #expect(done.err.contains(file), "\(file) of \(changed.count) bytes: \(done)")
            }
            try place.write(file, bytes)
        }
    }

    @Test func `a strange file is found`() throws {
        let place = try Workplace.finished()
        for file in ["clean/v1/extra", "fetch/v1/part-00000/objects/extra", "infer/v1/part-00001/deep/extra"] {
            let name = "data/small/\(Workplace.batch)/\(file)"
            try place.write(name, "x")
            let done = try place.program("batches", ["verify", "small", Workplace.batch]).run()
            #expect(done.code == 65, "\(done)")
            #expect(done.err.contains(file.contains("deep") ? "part-00001/deep" : file), "\(done)")
            try place.remove(file.contains("deep") ? String(name.dropLast("/extra".count)) : name)
        }
    }

    @Test func `an edited manifest is found`() throws {
        let place = try Workplace.finished()
        for (file, old, new) in [
            ("clean/v1/run.json", "\"sample_rate\": 16000", "\"sample_rate\": 16001"),
            ("clean/v1/batch.json", "\"items\": 8", "\"items\": 9"),
            ("clean/v1/part-00000/part.json", "\"revision\"", "\"Revision\""),
            ("store/v1/receipt.json", "\"items\": 8", "\"items\": 9"),
            ("infer/v1/batch.json", "\"host\": \"", "\"host\": \"x"),
        ] {
            let name = "data/small/\(Workplace.batch)/\(file)"
            let text = try place.text(name)
            guard text.contains(old) else { continue }
            try place.write(name, text.replacingOccurrences(of: old, with: new))
            let done = try place.program("batches", ["verify", "small", Workplace.batch]).run()
            #expect(done.code == 65, "\(file): \(done)")
            #expect(done.err.contains(file), "\(done)")
            try place.write(name, text)
        }
    }

    @Test func `a part of another version in its place is found`() throws {
        // Valid by itself, seal included, but not the one listed in the version's seal.
        let place = try Workplace.finished()
        try place.succeed("clean", "--set", "clean.sample_rate=8000")
        try place.remove("\(place.stage("clean"))/v1/part-00000")
        try FileManager.default.copyItem(
            atPath: place["\(place.stage("clean"))/v2/part-00000"],
            toPath: place["\(place.stage("clean"))/v1/part-00000"])
        let done = try place.program("batches", ["verify", "small", Workplace.batch]).run()
        #expect(done.code == 65, "\(done)")
        #expect(done.err.contains("clean/v1/part-00000"), "\(done)")
    }

    @Test func `JSON lists every damage`() throws {
        let place = try Workplace.finished()
        let files = ["clean/v1/part-00000/items.jsonl", "infer/v1/run.json"].map {
            "data/small/\(Workplace.batch)/\($0)"
        }
        for file in files { try place.flip(file, at: 20) }
        let done = try place.program("batches", ["verify", "small", "--json"]).run()
        #expect(done.code == 65)
        let damages = try #require(try JSON(parsing: Array(done.out.utf8))["damages"]?.array)
        #expect(damages.compactMap { $0["path"]?.string }.sorted() == files.sorted(), "\(done)")
    }
}

extension Workplace {
    /// Every file listed in a seal, seals included.
    func sealedFiles() throws -> [String] {
        let files = FileManager.default
        return try files.subpathsOfDirectory(atPath: self["data/small"]).sorted().filter { name in
            var isFolder: ObjCBool = false
            let parts = name.split(separator: "/")
            return files.fileExists(atPath: self["data/small/\(name)"], isDirectory: &isFolder) && !isFolder.boolValue
                && parts.contains("v1") && parts.last != "events.jsonl"
        }.map { "data/small/\($0)" }
    }
}
