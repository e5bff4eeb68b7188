internal import Digests
internal import Durable
public import Fault
internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Processes
internal import Results
internal import ServiceLifecycle
internal import UnixSignals
internal import Workers

/// Serves results over HTTP until it is stopped.
public enum DashboardServer {
    /// The limit of simultaneous connections; further ones wait to be accepted.
    private static let mostConnections = 8192
    /// How long open requests may take to end when the server stops, in seconds.
    private static let stopSeconds = 5
    /// How long a client may take for a piece of an answer.
    private static let patience = TimeAmount.seconds(60)

    /// Runs the server. Returns only by throwing: `.terminated` or `.interrupted` after SIGTERM and SIGINT, otherwise
    /// the reason why it cannot serve.
    ///
    /// - Parameter announce: receives the page's URL once connections are accepted.
    public static func run(_ options: DashboardOptions, announce: @escaping @Sendable (String) -> Void) throws(Fault) {
        try options.check()
        raiseFileLimit()
        let lines = LineWriter()
        defer { lines.close() }
        let log = AccessLog(lines: lines, figures: RequestFigures())
        let services = try services(options, log)
        defer {
            services.results.close()
            services.batches?.close()
        }
        let files = try StaticFiles(page: options.page)
        let requests = RequestPipeline(
            services: services, router: Router(Self.endpoints(services)), files: files,
            hosts: HostCheck(listen: options.listen, publicAddress: options.publicAddress),
            rate: RateLimit(perSecond: options.requestsPerSecond), isBehindProxy: options.publicAddress != nil)
        let ended = ConditionLocked<Result<Void, Fault>?>(nil)
        Task {
            let result: Result<Void, Fault>
            do throws(Fault) { result = .success(try await serve(options, requests, announce)) } catch {
                result = .failure(error)
            }
            ended.change { $0 = result }
        }
        try ended.wait { $0 }.get()
    }

    /// The table of all endpoints.
    static func endpoints(_ services: Services) -> [Endpoint] {
        let described =
            ResultEndpoints(services: services).all + ExportEndpoints(services: services).all
            + DiskEndpoints(services: services).all + OwnEndpoints(services: services).all
        return described + [OpenAPI.endpoint(describing: described, version: services.version)]
    }

    private static func services(_ options: DashboardOptions, _ log: AccessLog) throws(Fault) -> Services {
        let complain: @Sendable (Fault) -> Void = { fault in
            log.say("tokens", "only the file's valid lines grant access: \(fault.message)")
        }
        var tokens: WatchedTokens?
        if let path = options.tokens { tokens = try WatchedTokens(path: path, complain: complain) }
        if let root = options.root, !Folders.isFolder(root) {
            log.say(
                "no_root", "there is no folder '\(root)'; until there is, only the database's content is shown")
        }
        var asking = ResultsOptions()
        asking.exports = options.exports
        let results = try ResultsDatabase(options.database, options: asking)
        return Services(
            version: options.version, results: results,
            batches: options.root.map { BatchFolders(root: $0) },
            access: Access(tokens: tokens, hasSecureCookie: options.publicAddress?.isSecure ?? false),
            hub: EventHub { results.generation == nil },
            cache: AnswerCache(mostBytes: options.cacheBytes), audit: try AuditLog(path: options.auditLog), log: log)
    }

    /// Each connection takes a descriptor, and shells allow 1,024.
    private static func raiseFileLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, rlim_t(mostConnections + 1024))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func serve(
        _ options: DashboardOptions, _ requests: RequestPipeline, _ announce: @escaping @Sendable (String) -> Void
    ) async throws(Fault) {
        // One thread for all of HTTP answers some ten thousand requests a second; the other processors are left to the
        // database.
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { loops.shutdownGracefully { _ in } }
        let quiet = Logger(label: "nocturne.dashboard") { _ in SwiftLogNoOpLogHandler() }
        let application = Application(
            responder: requests, server: .http1(configuration: connections),
            configuration: ApplicationConfiguration(
                address: .hostname(options.listen.host, port: options.listen.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(mostConnections, logger: quiet)),
            onServerRunning: { channel in
                announce(options.listen.url(port: channel.localAddress?.port ?? options.listen.port))
            }, eventLoopGroupProvider: .shared(loops), logger: quiet)
        let publisher = ChangePublisher(services: requests.services)
        let group = ServiceGroup(configuration: .init(services: [application, publisher], logger: quiet))
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let watch = Task {
            for await signal in signals {
                if StopFlag.isRaised { exit(128 + signal.rawValue) }
                StopFlag.raise(signal.rawValue)
                requests.services.hub.close()
                await group.triggerGracefulShutdown()
                Task {
                    try? await Task.sleep(for: .seconds(stopSeconds))
                    exit(128 + signal.rawValue)
                }
            }
        }
        defer { watch.cancel() }
        // A signal may have arrived before the handler was in place.
        if !StopFlag.isRaised {
            do {
                try await withTaskExecutorPreference(LoopExecutor(loops.next())) { try await group.run() }
            } catch { throw Self.fault(error, options.listen) }
        }
        switch StopFlag.exitCode {
        case 130: throw Fault(.interrupted, "stopped by SIGINT")
        default: throw Fault(.terminated, "stopped by SIGTERM")
        }
    }

    /// The limits of a connection: header sizes and idle time.
    private static var connections: HTTP1Channel.Configuration {
        .init(
            additionalChannelHandlers: [StallGuard(patience: patience), ClientPresence()],
            idleTimeout: .seconds(30),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))
    }

    private static func fault(_ error: any Error, _ listen: ListenAddress) -> Fault {
        let address = "\(listen.host):\(listen.port)"
        guard let error = error as? IOError else {
            return Fault(.unavailable, "cannot serve on \(address)", cause: error)
        }
        switch error.errnoCode {
        case EADDRINUSE:
            return Fault(.unavailable, "\(address) is in use by another program; choose another port with --listen")
        case EACCES:
            return Fault(.denied, "this user may not listen on \(address); choose a port above 1023 with --listen")
        case EADDRNOTAVAIL:
            return Fault(.configuration, "\(listen.host) is not an address of this machine; choose one with --listen")
        default: return Fault(.unavailable, "cannot listen on \(address)", cause: error)
        }
    }
}
