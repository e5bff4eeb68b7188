public import Fault
internal import JSON

/// A way to tell a person or a machine of an alert.
public protocol AlertChannel: Sendable {
    /// The channel's name on the log: `command`, `webhook`.
    var name: String { get }

    /// Hands an alert over; returns only when it was taken.
    ///
    /// - Parameters:
    ///   - payload: the alert as one JSON object.
    ///   - id: the alert's id, equal for every try of the same alert.
    func deliver(_ payload: [UInt8], id: String) throws(Fault)
}

extension RaisedAlert {
    /// The JSON object that channels get.
    public func payload(host: String) -> [UInt8] {
        var object: JSONObject = ["format": 1]
        for (name, value) in members.members { object[name] = value }
        object["host"] = .string(host)
        return JSON.object(object).bytes(.line)
    }
}
