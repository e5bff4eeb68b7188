internal import JSON
internal import Results
internal import ServiceLifecycle

/// Publishes the database's changes to the listeners, and a heartbeat when there are none.
struct ChangePublisher: Service {
    let services: Services

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await change in services.results.changes().cancelOnGracefulShutdown() { pass(on: change) }
            }
            group.addTask {
                try? await cancelWhenGracefulShutdown {
                    while true {
                        try await Task.sleep(for: .seconds(EventHub.heartbeatSeconds))
                        services.hub.heartbeat()
                    }
                }
            }
        }
    }

    private func pass(on change: ResultsChange) {
        switch change {
        case .results(let pipeline, let batch):
            services.hub.publish("results", ["pipeline": .string(pipeline), "batch": .string(batch)])
        case .lost(let reason):
            services.log.say("database_lost", reason)
            services.hub.publish("database", ["state": "lost"])
        case .back:
            services.log.say("database_back", "the database answers again")
            services.hub.publish("database", ["state": "back"])
        }
    }
}
