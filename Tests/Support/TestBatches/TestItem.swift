public import BatchFormat
public import Digests
public import Fault
public import JSON

/// An item of a made-up part: what a stage would write about it.
public struct TestItem: Sendable {
    /// The item's id.
    public var id: String
    /// Its metadata.
    public var fields: JSONObject
    /// What the stage adds to its line.
    public var output: JSONObject
    /// What earlier stages wrote on its line.
    public var carried: JSONObject = [:]
    /// Its tensor in `audio.safetensors`, if it has one.
    public var samples: [Float]?
    /// The reason's code, if the item is to be rejected.
    public var reason: String?

    /// Makes an item that passes.
    public init(_ id: String, output: JSONObject = [:], fields: JSONObject = [:], samples: [Float]? = nil) {
        self.id = id
        self.output = output
        self.fields = fields
        self.samples = samples
    }

    /// An item that is rejected.
    public static func rejected(_ id: String, _ reason: String) -> TestItem {
        var item = TestItem(id)
        item.reason = reason
        return item
    }

    var json: JSON {
        [
            "id": .string(id), "fields": .object(fields), "output": .object(output),
            "samples": samples.map { .array($0.map { .double(Double($0)) }) } ?? .null,
            "reason": reason.map { .string($0) } ?? .null,
        ]
    }
}

extension [TestItem] {
    /// A digest that changes when an item does.
    public var digest: Digest { Digest(of: JSON.array(map(\.json)).bytes(.canonical)) }

    /// Settles the items, as a stage of this name would.
    public func write(into writer: PartWriter, stage: String) throws(Fault) {
        for item in self { try item.write(into: writer, stage: stage) }
    }
}

extension TestItem {
    /// Settles the item, as a stage of this name would.
    public func write(into writer: PartWriter, stage: String) throws(Fault) {
        if let reason { return try writer.reject(ItemID(id), reason: reason, message: "for the test") }
        var row = LedgerRow(id: ItemID(id))
        for (name, value) in carried.members { row.object[name] = value }
        row.object["fields"] = .object(fields)
        row.object[stage] = .object(output)
        guard let samples else { return try writer.append(row) }
        let result: Result<Void, Fault> = samples.withUnsafeBufferPointer { floats in
            do throws(Fault) {
                return .success(
                    try writer.append(row, tensor: "audio.safetensors", shape: [samples.count], floats: floats))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
