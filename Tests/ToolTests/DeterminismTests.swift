import JSON
import TestTools
import Testing

/// The same input and configuration give the same bytes, however many workers made them.
@Suite struct DeterminismTests {
    @Test func `one worker and four make the same tree`() throws {
        let trees = try ["1", "4"].map { jobs in
            let place = try Workplace()
            for tool in Binaries.chain { try place.succeed(tool, "--jobs", jobs) }
            return try Tree(place["data/small"])
        }
        #expect(trees[0].entries.count > 40, "the whole chain is compared")
        #expect(trees[0].differences(from: trees[1]).isEmpty, "\(trees[0].differences(from: trees[1]))")
    }

    @Test func `other places and times make the same tree`() throws {
        // The batch's location, the time zone and the language decide nothing.
        let one = try Workplace.finished()
        let other = try Workplace()
        let elsewhere = [
            "TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8", "NOCTURNE_ROOT": "data",
        ]
        for tool in Binaries.chain { try other.succeed(tool, environment: elsewhere) }
        let difference = try Tree(one["data/small"]).differences(from: Tree(other["data/small"]))
        #expect(difference.isEmpty, "\(difference)")
    }

    @Test func `larger inference batches move no score by more than their last digits`() throws {
        let place = try Workplace.finished()
        try place.succeed("infer", "--set", "infer.max_batch_items=1")
        let scores = try ["v1", "v2"].map { version in
            try place.ledger("infer/\(version)").map { try #require($0["infer"]?["score"]?.double) }
        }
        #expect(scores[0].count == 8)
        for (one, other) in zip(scores[0], scores[1]) { #expect(abs(one - other) <= 1e-5) }
    }
}
