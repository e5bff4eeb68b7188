internal import Durable
public import Fault
internal import JSON

/// A batch's alerts, `PIPELINE/BATCH/alerts.jsonl`: one line for each alert raised, changed, delivered or resolved,
/// appended and flushed, never rewritten.
///
/// An alert is on disk before it is sent to any channel, and marked as delivered only after the channel has accepted
/// it: if the process dies in between, the alert is sent once more and never lost.
public struct AlertLog: Sendable {
    /// The file's name in a batch's folder.
    public static let fileName = "alerts.jsonl"

    /// The file's path.
    public let path: String

    /// The log of a batch, given its folder; creates nothing yet.
    public init(batchFolder: String) { path = "\(batchFolder)/\(Self.fileName)" }

    /// Every alert that was raised, in order; empty if there is no file.
    public func alerts() throws(Fault) -> [RaisedAlert] {
        guard Folders.exists(path) else { return [] }
        var alerts: [RaisedAlert] = []
        for line in try AtomicFile.read(path).split(separator: UInt8(ascii: "\n")) {
            // A process that died while writing leaves half a line; what it stood for is done again.
            guard case .object(let object)? = try? JSON(parsing: line) else { continue }
            let at = object["id"]?.string.flatMap { id in alerts.lastIndex { $0.id.hasSameBytes(as: id) } }
            switch (object["record"]?.string, at) {
            case ("raised", nil): if let raised = RaisedAlert(object) { alerts.append(raised) }
            case ("delivered", let at?): if let name = object["channel"]?.string { alerts[at].delivered.insert(name) }
            case ("changed", let at?): alerts[at].change(to: object)
            case ("resolved", let at?): alerts[at].isResolved = true
            default: continue
            }
        }
        return alerts
    }

    /// Records the alerts whose cause is new, or has gone and come back. An alert that is open already takes the new
    /// message and figures, and is not sent again.
    ///
    /// - Parameter time: now, as RFC 3339 in UTC.
    /// - Returns: the alerts that are new.
    @discardableResult
    public func raise(_ found: [Alert], at time: String) throws(Fault) -> [RaisedAlert] {
        if found.isEmpty { return [] }
        try Folders.makeAll(Folders.parent(of: path))
        let lock = try lock()
        var known = try alerts()
        var new: [RaisedAlert] = []
        for alert in found {
            let same = known.filter { $0.alert.key.hasSameBytes(as: alert.key) }
            if let open = same.last(where: { !$0.isResolved }) {
                let hasChanged =
                    open.alert.message != alert.message || open.alert.detail != alert.detail
                    || open.alert.severity != alert.severity
                if hasChanged {
                    try append([
                        "time": .string(time), "record": "changed", "id": .string(open.id),
                        "severity": .string(alert.severity.rawValue), "message": .string(alert.message),
                        "detail": .object(alert.detail),
                    ])
                }
                continue
            }
            let id = same.isEmpty ? alert.key : "\(alert.key)#\(same.count + 1)"
            let raised = RaisedAlert(id: id, alert: alert, raisedAt: time)
            var line: JSONObject = ["time": .string(time), "record": "raised"]
            for (name, value) in raised.members.members { line[name] = value }
            try append(line)
            known.append(raised)
            new.append(raised)
        }
        lock.release()
        return new
    }

    /// Records that an alert's cause has gone; if it comes back, that is a new alert.
    public func resolve(_ ids: [String], at time: String) throws(Fault) {
        if ids.isEmpty { return }
        let lock = try lock()
        for id in ids { try append(["time": .string(time), "record": "resolved", "id": .string(id)]) }
        lock.release()
    }

    /// Records that a channel has accepted an alert. The caller holds the log's ``lock()``.
    func noteDelivered(_ id: String, by channel: String, at time: String) throws(Fault) {
        try append([
            "time": .string(time), "record": "delivered", "id": .string(id), "channel": .string(channel),
        ])
    }

    /// Waits until no other process raises or delivers alerts, and keeps them waiting meanwhile.
    func lock() throws(Fault) -> FolderLock { try FolderLock.waiting(forFile: path) }

    private func append(_ line: JSONObject) throws(Fault) {
        // End a half-written line of a dead process first, so that it damages no other line.
        let old = try AtomicFile.read(path)
        let isTorn = old.last.map { $0 != UInt8(ascii: "\n") } ?? false
        let bytes =
            (isTorn ? [UInt8(ascii: "\n")] : []) + JSON.object(line).bytes(.line) + [UInt8(ascii: "\n")]
        let file = try FileHandle.appending(path)
        try bytes.withUnsafeBytesTyped { (raw) throws(Fault) in try file.write(raw) }
        try file.sync()
        if old.isEmpty { try Folders.sync(Folders.parent(of: path)) }
    }
}
