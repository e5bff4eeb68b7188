public import BatchFormat
public import Fault
internal import Glibc
internal import Time

/// The next piece of a plan that grows during a run.
public enum PlanStep: Sendable {
    /// One more part.
    case part(PlannedPart)
    /// Nothing yet; try again.
    case notYet
    /// There are no more parts; the version is made from these.
    case complete(inputs: [InputReference])
}

/// Where a growing plan comes from: the previous stage while it is running, or a source being watched.
public protocol PlanGrowing: AnyObject {
    /// Looks for the next part, without waiting.
    ///
    /// - Parameter done: how many of the parts the run has sealed.
    func step(done: Int) throws(Fault) -> PlanStep
}

/// A plan as far as it is known, which may still grow.
final class GrowingPlan {
    private(set) var plan: VersionPlan
    private let growth: (any PlanGrowing)?
    private let context: RunContext
    /// Seconds spent waiting for the plan to grow.
    private(set) var waited = 0.0

    init(_ plan: VersionPlan, _ growth: (any PlanGrowing)?, _ context: RunContext) {
        self.plan = plan
        self.growth = growth
        self.context = context
        expect()
    }

    /// Whether there is a part `index`, once the parts before it are made; waits until that is known.
    ///
    /// - Parameter behind: how many of those before it are not sealed yet.
    func reaches(_ index: Int, behind: @autoclosure () -> Int = 0) throws(Fault) -> Bool {
        if try grow(past: index, done: index - behind()) {
            let began = MonotonicClock.now()
            defer { waited += MonotonicClock.now() - began }
            repeat {
                try Self.pause(context)
            } while try grow(past: index, done: index - behind())
        }
        return index < plan.parts.count
    }

    /// Adds the known parts up to `index`, and one more so that it can be read ahead.
    ///
    /// - Returns: whether part `index` must still be waited for.
    private func grow(past index: Int, done: Int) throws(Fault) -> Bool {
        guard let growth else { return false }
        if try !take(from: growth, upTo: index, done) { return true }
        // Errors in later parts are reported when those are made.
        _ = try? take(from: growth, upTo: index + 1, done)
        return false
    }

    /// Adds parts until part `index` is known, or known not to exist; false if neither is known yet.
    private func take(from growth: any PlanGrowing, upTo index: Int, _ done: Int) throws(Fault) -> Bool {
        while !plan.isComplete, plan.parts.count <= index {
            switch try growth.step(done: done) {
            case .part(let part):
                plan.append(part)
                expect()
            case .notYet: return false
            case .complete(let inputs): plan.complete(inputs: inputs)
            }
        }
        return true
    }

    /// Waits a moment for another run: short enough to cause no delay, long enough to cost nothing.
    static func pause(_ context: RunContext) throws(Fault) {
        usleep(20_000)
        try context.checkStop()
    }

    private func expect() { context.expect(plan.parts.reduce(0) { $0 + $1.items }) }
}
