public import Fault
internal import JSON

/// A way to notify a person or a program of an alert.
public protocol AlertChannel: Sendable {
    /// The channel's name in the log: `command`, `webhook`.
    var name: String { get }

    /// Delivers an alert; returns only when it was accepted.
    ///
    /// - Parameters:
    ///   - payload: the alert as one JSON object.
    ///   - id: the alert's id, the same on every attempt.
    func deliver(_ payload: [UInt8], id: String) throws(Fault)
}

extension RaisedAlert {
    /// The JSON object sent to channels.
    public func payload(host: String) -> [UInt8] {
        var object: JSONObject = ["format": 1]
        for (name, value) in members.members { object[name] = value }
        object["host"] = .string(host)
        return JSON.object(object).bytes(.line)
    }
}
