import Foundation
import Testing
import Transfer

@Suite struct MailboxTests {
    @Test func `a mailbox keeps order and loses nothing`() throws {
        let mailbox = try Mailbox<Int>()
        let sender = Thread { for number in 0..<10_000 { mailbox.post(number) } }
        sender.start()
        var taken: [Int] = []
        let deadline = Date().addingTimeInterval(20)
        while taken.count < 10_000, Date() < deadline { taken += mailbox.take(waiting: 1) }
        #expect(taken == Array(0..<10_000))
    }

    @Test func `waiting ends empty-handed in time`() throws {
        let mailbox = try Mailbox<Int>()
        let start = Date()
        #expect(mailbox.take(waiting: 0.05).isEmpty)
        let waited = Date().timeIntervalSince(start)
        #expect(waited >= 0.04 && waited < 5)
        #expect(mailbox.take(waiting: 0).isEmpty)
    }
}
