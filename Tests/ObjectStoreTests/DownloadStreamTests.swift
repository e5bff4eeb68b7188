import Digests
import Downloads
import Durable
import Fault
import ObjectSources
import TestKit
import TestServers
import Testing

/// Downloads that continue while their caller does other work.
@Suite(.tags(.server)) struct DownloadStreamTests {
    private let bed: StoreTestbed
    init() throws { bed = try StoreTestbed() }

    private func requests(_ entries: [ObjectEntry]) -> [DownloadRequest] {
        entries.indices.map { DownloadRequest(entry: entries[$0], path: bed.scratch["object-\($0)"]) }
    }

    @Test func `objects added later are counted, too`() throws {
        let source = try bed.bucket("pages.stream")
        let all = requests(try bed.list(source))
        let stream = try Downloader(engine: bed.engine, options: bed.options).stream(from: source)
        var outcomes: [Int: DownloadOutcome] = [:]
        for some in [all[..<40], all[40...]] {
            stream.add(Array(some))
            while outcomes.count < some.endIndex {
                for (index, outcome) in try stream.outcomes() {
                    #expect(outcomes.updateValue(outcome, forKey: index) == nil, "two outcomes for one object")
                }
            }
        }
        #expect(all.count == 100)
        for index in all.indices {
            let object = try bed.fetched(try #require(outcomes[index]))
            #expect(object.sha256 == Digest(of: try bed.bytes(index)).hex)
        }
    }

    @Test func `giving up leaves nothing unfinished behind`() throws {
        let source = try bed.bucket("stall.stream")
        do {
            let stream = try Downloader(engine: bed.engine, options: bed.options).stream(from: source)
            stream.add(requests(try bed.list(source)))
            #expect(try stream.outcomes().isEmpty)
        }
        #expect(try bed.scratchIsEmpty())
    }

    @Test func `a fault reaches the caller`() throws {
        let source = try bed.bucket("wrongtag.stream")
        let stream = try Downloader(engine: bed.engine, options: bed.options).stream(from: source)
        stream.add(requests(try bed.list(source)))
        #expect(try bed.kind { while try stream.outcomes().isEmpty {} } == .damaged)
        #expect(try bed.scratchIsEmpty())
    }

    @Test func `objects requested before the failing one are still fetched`() throws {
        let source = try bed.bucket("oneexpired.stream")
        let all = requests(try bed.list(source))
        let stream = try Downloader(engine: bed.engine, options: bed.options).stream(from: source)
        stream.add(all)
        var outcomes: Set<Int> = []
        let fault = try bed.kind {
            while true { for outcome in try stream.outcomes() { outcomes.insert(outcome.index) } }
        }
        #expect(fault == .denied)
        #expect(outcomes.isSuperset(of: 0..<60) && !outcomes.contains(60))
        // There are no files without a reported outcome.
        #expect(Set(try Folders.names(in: bed.scratch.path)) == Set(outcomes.map { "object-\($0)" }))
        #expect(try bed.kind { _ = try stream.outcomes() } == .denied)
    }
}
