import Alerts
import Durable
import Fault
import TestKit
import Testing

/// Delivers each alert once to each channel.
struct AlertDeliveryTests {
    private let scratch: ScratchFolder
    private let mail = KeepingChannel("command")
    private let pager = KeepingChannel("webhook")

    init() throws { scratch = try ScratchFolder() }

    private func log(_ batch: String = "2026-11-20") -> AlertLog { AlertLog(batchFolder: scratch["digits/\(batch)"]) }

    private func deliver(_ channels: [any AlertChannel]? = nil, since: String = "2026") throws -> AlertDelivery.Outcome
    {
        AlertDelivery(to: channels ?? [mail, pager], host: "here", now: { "now" })
            .deliver(pipelineFolder: scratch["digits"], since: since)
    }

    @Test func `what was delivered is not sent again`() throws {
        let raised = try log().raise([.example(), .example(cause: "exit-78")], at: "2026-11-21")
        #expect(try deliver() == .init(delivered: 4))
        #expect(try deliver() == .init())
        #expect(mail.taken == raised.map(\.id) && pager.taken == raised.map(\.id))
    }

    @Test func `a channel that failed is tried again next time, and the other one is not`() throws {
        try log().raise([.example()], at: "2026-11-21")
        pager.breakDown(true)
        let outcome = try deliver()
        #expect(outcome.delivered == 1 && outcome.undelivered == 1)
        #expect(outcome.failures == ["the alert channel 'webhook' failed: out of order"])
        pager.breakDown(false)
        #expect(try deliver() == .init(delivered: 1))
        #expect(mail.taken.count == 1 && pager.taken.count == 1)
    }

    @Test func `a channel that failed is spared the rest`() throws {
        try log().raise((1...5).map { .example(cause: "\($0)") }, at: "2026-11-21")
        pager.breakDown(true)
        #expect(try deliver().undelivered == 5)
        #expect(pager.tries == 1)
        #expect(mail.taken.count == 5)
    }

    @Test func `an alert of last night waits for tonight`() throws {
        try log("2026-11-19").raise([.example(batch: "2026-11-19")], at: "2026-11-20")
        try Folders.makeAll(scratch["digits/2026-11-20"])
        #expect(try deliver([mail]) == .init(delivered: 1))
    }

    @Test func `a process that died before it said so sends again, under the same id`() throws {
        let raised = try log().raise([.example()], at: "2026-11-21")
        let before = try AtomicFile.read(log().path)
        #expect(try deliver([mail]).delivered == 1)
        try AtomicFile.write(before, to: log().path)
        #expect(try deliver([mail]).delivered == 1)
        #expect(mail.taken == [raised[0].id, raised[0].id])
    }

    @Test func `a disk that takes no record keeps no alert from being sent`() throws {
        let raised = try log().raise([.example(), .example(cause: "2")], at: "2026-11-21")
        #expect(FaultInjection.arm("any:1+:ENOSPC:\(scratch.path)"))
        defer { FaultInjection.disarm(folder: scratch.path) }
        let outcome = try deliver([mail])
        #expect(mail.taken == raised.map(\.id) && outcome.delivered == 2)
        #expect(outcome.failures.count == 2 && outcome.failures[0].contains("could not be recorded"), "\(outcome)")
    }

    @Test func `alerts that are on no disk are sent, also without a pipeline's folder`() throws {
        let lost = RaisedAlert(id: "lost", alert: .example(), raisedAt: "2026-11-21")
        let delivery = AlertDelivery(to: [mail, pager], host: "here", now: { "now" })
        let outcome = delivery.deliver(pipelineFolder: scratch["nothing"], since: "2026", unrecorded: [lost])
        #expect(outcome == .init(delivered: 2) && mail.taken == ["lost"] && pager.taken == ["lost"])
    }

    @Test func `what is old, and what has gone, is no news`() throws {
        let raised = try log().raise([.example(), .example(cause: "2")], at: "2026-11-21")
        try log().resolve([raised[0].id], at: "2026-11-22")
        #expect(try deliver([mail], since: "2026-11-22") == .init())
        #expect(try deliver([mail]) == .init(delivered: 1))
        #expect(mail.taken == [raised[1].id])
    }

    @Test func `without channels, and without a pipeline, there is nothing to do`() throws {
        #expect(try deliver([mail]) == .init())
        try log().raise([.example()], at: "2026-11-21")
        #expect(try deliver([]) == .init())
    }
}
