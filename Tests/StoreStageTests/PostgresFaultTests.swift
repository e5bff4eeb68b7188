import Fault
import Glibc
import Synchronization
import TestDatabases
import TestKit
import TestServers
import TestTools
import Testing

/// PostgreSQL, the connection or `store` itself fails at any moment of a load: the tables contain the old version or
/// the new one, and the next run ends like an undisturbed one.
@Suite(.tags(.server)) struct PostgresFaultTests {
    typealias Moment = LoadedNight.Moment

    private func check(_ night: LoadedNight, after harm: String) throws {
        let (before, after, _) = try LoadedNight.undisturbed.get()
        try night.heal()
        let left = try night.content()
        #expect(left == before || left == after, "after \(harm): \(left)")
        let done = try night.store().run()
        #expect(done.code == 0, "after \(harm): \(done)")
        #expect(try night.content() == after, "after \(harm)")
        #expect(try night.versions() == ["v1", "v2", "current: 2"], "after \(harm)")
    }

    @Test(arguments: Moment.all) func `a connection that is cut for good is reported and harms nothing`(
        _ moment: Moment
    ) throws {
        let night = try LoadedNight()
        let relay = night.relay
        try night.at(moment) { arriving in
            relay.isPassable = false
            return .isCut(after: arriving)
        }
        let done = try night.store().run()
        #expect(done.code == 69, "cut \(moment): \(done)")
        #expect(done.out.isEmpty && done.err.contains("127.0.0.1:\(relay.port)"), "cut \(moment): \(done)")
        try night.heal()
        let (before, after, _) = try LoadedNight.undisturbed.get()
        // A commit during which the connection broke has taken effect, but the client was not notified.
        if case .afterCommit = moment {
            #expect(try night.content() == after)
        } else {
            #expect(try night.content() == before, "cut \(moment)")
        }
        try check(night, after: "a cut \(moment)")
    }

    @Test(arguments: Moment.all) func `a connection that is cut once is restored`(_ moment: Moment) throws {
        let night = try LoadedNight()
        try night.at(moment) { .isCut(after: $0) }
        let done = try night.store().run()
        #expect(done.code == 0, "cut \(moment): \(done)")
        #expect(try night.content() == LoadedNight.undisturbed.get().after, "cut \(moment)")
        try check(night, after: "a cut \(moment) that was made good")
    }

    @Test(arguments: Moment.all) func `a killed store leaves nothing half done`(_ moment: Moment) throws {
        let night = try LoadedNight()
        let process = Mutex<pid_t?>(nil)
        try night.at(moment) { arriving in
            while process.withLock({ $0 }) == nil { usleep(1000) }
            process.withLock { if let pid = $0 { kill(pid, SIGKILL) } }
            return .isCut(after: arriving)
        }
        let running = try night.store().start()
        process.withLock { $0 = running.pid }
        #expect(try running.finish().signal == SIGKILL, "SIGKILL \(moment)")
        try check(night, after: "SIGKILL \(moment)")
    }

    @Test(arguments: [Moment.share(0.2), .share(0.7), .afterCommit])
    func `a store stops even if the server stands still`(_ moment: Moment) throws {
        let night = try LoadedNight()
        let stopped = Mutex<[pid_t]>([])
        defer { for pid in stopped.withLock({ $0 }) { kill(pid, SIGCONT) } }
        try night.at(moment) { _ in
            let backends = (try? night.backends()) ?? []
            for pid in backends { kill(pid, SIGSTOP) }
            stopped.withLock { $0 = backends }
            return .passes
        }
        let running = try night.store().start()
        while stopped.withLock({ $0.isEmpty }) { usleep(1000) }
        // Long enough to send everything that is sent without an answer.
        usleep(500_000)
        let asked = ContinuousClock.now
        running.signal(SIGTERM)
        let done = try running.finish()
        let seconds = ContinuousClock.now - asked
        #expect(done.code == 143, "\(moment): \(done)")
        #expect(done.err.contains("run it again"), "\(moment): \(done)")
        // Two seconds are promised; the rest allows for a busy machine.
        #expect(seconds < .seconds(30), "\(moment): \(seconds)")
        for pid in stopped.withLock({ $0 }) { kill(pid, SIGCONT) }
        try check(night, after: "SIGTERM while the server stood still \(moment)")
    }

    @Test func `a server that goes down is reported and harms nothing`() throws {
        let server = try PostgresServer()
        defer { _ = try? server.stop() }
        for moment in [Moment.share(0), .share(0.5), .beforeCommit, .afterCommit] {
            let night = try LoadedNight(on: server)
            try night.at(moment) { .isCut(after: $0) { _ = try? server.crash() } }
            let done = try night.store().run()
            #expect(done.code == 69, "\(moment): \(done)")
            try server.restart()
            try check(night, after: "a crash \(moment)")
        }
    }

    @Test func `a restarted server is used again`() throws {
        let server = try PostgresServer()
        defer { _ = try? server.stop() }
        for moment in [Moment.share(0.5), .beforeCommit, .afterCommit] {
            let night = try LoadedNight(on: server)
            try night.at(moment) { arriving in
                .isCut(after: arriving) {
                    _ = try? server.crash()
                    _ = try? server.restart()
                }
            }
            let done = try night.store().run()
            #expect(done.code == 0, "\(moment): \(done)")
            try check(night, after: "a restart \(moment)")
        }
    }

    @Test func `a server that goes down after a load is asked again`() throws {
        let server = try PostgresServer()
        defer { _ = try? server.stop() }
        let night = try LoadedNight(on: server)
        #expect(try night.store().run().code == 0)
        try server.crash()
        #expect(try night.store().run().code == 69, "what is on disk does not prove what is in the database")
        try server.restart()
        try check(night, after: "a crash after the load")
    }
}
