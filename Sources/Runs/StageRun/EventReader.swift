internal import BatchFormat
internal import Durable
public import JSON

/// Reads the events that ``EventLog`` has written into a version.
///
/// The log is outside every digest: lines that are half-written or invalid are skipped.
public struct EventReader {
    private let map: MappedFile

    /// Opens a version's log; `nil` if it has none.
    public init?(version path: String) {
        guard let map = try? MappedFile("\(path)/\(VersionFolder.eventsName)") else { return nil }
        self.map = map
    }

    /// Calls a closure with the events of some names, in the order in which they happened. Other lines, which are most, are
    /// only looked at up to their name.
    public func forEach(where isWanted: (_ name: String) -> Bool, _ body: (JSONObject) -> Void) {
        for slice in map.bytes.split(separator: UInt8(ascii: "\n")) {
            let line = UnsafeRawBufferPointer(rebasing: slice).bindMemory(to: UInt8.self)
            guard let name = Self.name(of: line), isWanted(name), case .object(let event)? = try? JSON(parsing: line)
            else { continue }
            body(event)
        }
    }

    private static func name(of line: UnsafeBufferPointer<UInt8>) -> String? {
        var name: String?
        do throws(JSONSyntaxError) {
            try JSON.forEachMember(of: line) { (member, value) throws(JSONSyntaxError) in
                guard member.elementsEqual("event".utf8) else { return }
                name = (try? JSON(parsing: value))?.string
                throw JSONSyntaxError(offset: 0, reason: "the rest of the line is not looked at")
            }
        } catch {}
        return name
    }
}
