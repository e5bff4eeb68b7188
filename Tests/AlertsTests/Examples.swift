import Alerts
import Fault
import JSON
import Synchronization

extension Alert {
    /// An alert for tests.
    static func example(
        _ kind: Kind = .stageFailed, stage: String? = "infer", cause: String = "exit-69", batch: String = "2026-11-20",
        detail: JSONObject = ["exit_code": 69]
    ) -> Alert {
        Alert(
            pipeline: "digits", batch: batch, stage: stage, version: stage == nil ? nil : "v1", kind: kind,
            severity: .warning, cause: cause, message: "infer ended \"badly\"\n", detail: detail)
    }
}

/// A channel that keeps what it receives, and fails when a test asks for it.
final class KeepingChannel: AlertChannel {
    let name: String
    private let state = Mutex<(taken: [String], isBroken: Bool, tries: Int)>(([], false, 0))

    init(_ name: String) { self.name = name }

    var taken: [String] { state.withLock { $0.taken } }
    var tries: Int { state.withLock { $0.tries } }
    func breakDown(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }

    func deliver(_ payload: [UInt8], id: String) throws(Fault) {
        let isBroken = state.withLock { state in
            state.tries += 1
            if !state.isBroken { state.taken.append(id) }
            return state.isBroken
        }
        if isBroken { throw Fault(.unavailable, "out of order") }
    }
}
