internal import Alerts
internal import BatchFormat
internal import Fault
public import JSON
internal import PipelineConfig
internal import Time

extension NightReport {
    /// The report in the form of `--json`.
    public var json: JSON {
        let new = Set(raised.map(\.id))
        let alerts = open + raised.filter { alert in !open.contains { $0.id == alert.id } }
        return [
            "pipeline": .string(pipeline), "batch": .string(batch), "code": .int(Int64(outcome.status.code)),
            "kind": .string(outcome.status.name), "cause": outcome.cause.map { .string($0.stage) } ?? .null,
            "meaning": .string(advice.meaning), "remedy": .string(advice.remedy),
            "started_at": .string(WallClock.text(began)), "seconds": .double(seconds),
            "stages": .array(stages.map(\.json)), "endings": .array(outcome.endings.map { .object($0.object) }),
            "moved": .array(
                moved.map { ["stage": .string($0.stage), "from": .string("v\($0.from)"), "to": .string("v\($0.to)")] }),
            "alerts": .array(
                alerts.map { raised in
                    var object = raised.members
                    object["new"] = .bool(new.contains(raised.id))
                    return .object(object)
                }), "warnings": .array(warnings.map { .string($0) }),
        ]
    }
}

extension StageFigures {
    /// The stage in the form of `--json`; what is not known is left out.
    fileprivate var json: JSON {
        var object: JSONObject = ["stage": .string(stage), "tool": .string(tool.rawValue), "state": .string(state)]
        object["version"] = number.map { .string("v\($0)") }
        object["pinned"] = pinned.map { .string("v\($0)") }
        object["waiting"] = waiting.map { .string("v\($0)") }
        if let seal, tool != .store {
            object["items"] = .int(Int64(seal.items))
            object["rejected"] = .int(Int64(seal.rejected))
            var reasons = JSONObject()
            for (reason, count) in seal.rejectedByReason { reasons[reason] = .int(Int64(count)) }
            object["rejected_by_reason"] = .object(reasons)
        }
        object["seconds"] = seconds.map { .double($0) }
        object["times_real_time"] = speed.map { .double($0.rounded(decimals: 3)) }
        object["peak_memory_bytes"] = peakMemoryBytes.map { .int(Int64($0)) }
        return .object(object)
    }
}
