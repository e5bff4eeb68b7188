import Downloads
import Durable
import Fault
import Foundation
import ObjectSources
import TestKit
import TestServers
import Testing
import Transfer

/// Shared by tests of sources and downloads: an engine, a scratch folder, quick retries.
struct StoreTestbed {
    static let faulty = Result { try TestServer.faulty() }

    let engine: TransferEngine
    let scratch: ScratchFolder
    let server: TestServer
    var settings: SourceSettings
    var options: DownloadOptions

    init() throws {
        engine = try TransferEngine()
        scratch = try ScratchFolder()
        server = try Self.faulty.get()
        var retry = RetryPolicy(attempts: 4, deadline: 20)
        retry.firstDelay = 0.01
        retry.longestDelay = 0.05
        settings = SourceSettings(
            environment: [
                "AWS_ACCESS_KEY_ID": "AKID:with/odd+chars", "AWS_SECRET_ACCESS_KEY": "secret/with+odd=chars",
                "AWS_REGION": "eu-test-1", "AWS_ENDPOINT_URL_S3": server.url,
            ], anonymous: false, etagIsMD5: true, retry: retry)
        settings.pageSize = 30
        options = DownloadOptions(inFlight: 32, rangeBytes: 256 << 10, retry: retry)
        options.rangedFrom = 1 << 20
        options.largestObject = 8 << 20
    }

    func open(_ urls: String...) throws -> any ObjectSource {
        try openSource(urls, settings: settings, engine: engine)
    }

    /// A bucket of the misbehaving store.
    func bucket(_ name: String, prefix: String = "p/") throws -> any ObjectSource { try open("s3://\(name)/\(prefix)") }

    /// The same as a web server's index.
    func index(_ name: String) throws -> any ObjectSource { try open("\(server.url)/\(name)/index.jsonl") }

    func list(_ source: any ObjectSource) throws -> [ObjectEntry] {
        var entries: [ObjectEntry] = []
        try source.list(checkStop: {}) { entries += $0 }
        return entries
    }

    /// Downloads entries; returns outcomes by their index.
    func fetch(_ entries: [ObjectEntry], from source: any ObjectSource) throws -> [DownloadOutcome] {
        var outcomes: [Int: DownloadOutcome] = [:]
        let downloader = Downloader(engine: engine, options: options)
        let requests = entries.indices.map { DownloadRequest(entry: entries[$0], path: scratch["object-\($0)"]) }
        try downloader.fetch(requests, from: source, checkStop: {}) { index, outcome throws(Fault) in
            guard outcomes.updateValue(outcome, forKey: index) == nil else {
                throw Fault(.defect, "two outcomes for one object")
            }
        }
        return try entries.indices.map { try #require(outcomes[$0]) }
    }

    /// Lists a source and downloads its only object.
    func fetchOnly(_ source: any ObjectSource) throws -> FetchedObject {
        let entries = try list(source)
        #expect(entries.count == 1)
        return try fetched(try #require(try fetch(entries, from: source).first))
    }

    func fetched(_ outcome: DownloadOutcome) throws -> FetchedObject {
        guard case .fetched(let object) = outcome else { throw Fault(.defect, "\(outcome)") }
        return object
    }

    func bytes(_ index: Int = 0) throws -> [UInt8] { try AtomicFile.read(scratch["object-\(index)"]) }

    /// The kind of fault thrown; messages must contain neither keys nor secrets.
    func kind(_ body: () throws -> Void) throws -> Fault.Kind? {
        do { try body() } catch let fault as Fault {
            for secret in ["secret/with", "AKID"] { #expect(!fault.description.contains(secret)) }
            return fault.kind
        }
        return nil
    }

    /// Whether downloads left anything behind.
    func scratchIsEmpty() throws -> Bool { try Folders.names(in: scratch.path).isEmpty }
}
