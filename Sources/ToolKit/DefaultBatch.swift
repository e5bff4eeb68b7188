internal import Fault
internal import Foundation
public import PipelineConfig

extension PipelineConfig {
    /// The batch that a run without one means: the day that `[schedule]` says, by default yesterday in the machine's
    /// time zone.
    public func defaultBatch(now: Double) -> String {
        let zone = schedule.flatMap { TimeZone(identifier: $0.timezone) } ?? .current
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let today = Date(timeIntervalSince1970: now)
        let day = calendar.date(byAdding: .day, value: -(schedule?.daysBack ?? 1), to: today) ?? today
        let parts = calendar.dateComponents([.year, .month, .day], from: day)
        func padded(_ number: Int?, _ width: Int) -> String {
            let digits = String(number ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
    }
}
