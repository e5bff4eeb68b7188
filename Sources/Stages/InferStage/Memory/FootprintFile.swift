internal import Durable
internal import Fault
internal import JSON

/// The footprints of models on this machine, kept between nights in a small file.
///
/// It only saves the next night from learning them again: a file that is missing, damaged or not writable is not an
/// error.
package struct FootprintFile: Sendable {
    /// Its name in the cache folder.
    static let name = "batch-footprints.json"
    private static let format = 1
    private let path: String
    private let key: String

    /// - Parameters:
    ///   - path: the file.
    ///   - key: what the footprints are valid for: the model's digest, the device, the number type, the threads,
    ///     libtorch.
    package init(_ path: String, key: String) {
        self.path = path
        self.key = key
    }

    /// The stored footprints. Ceilings are ignored if there is more memory now than when they were found.
    package func read(limit: Int?) -> BatchFootprints {
        guard let entry = entries()[key]?.object else { return BatchFootprints() }
        let known = entry["limit_bytes"]?.int ?? 0
        return BatchFootprints(
            bytesPerItem: Self.numbers(entry["bytes_per_item"]),
            ceilings: limit ?? .max <= known ? Self.numbers(entry["most_items"]) : [:])
    }

    /// Stores footprints; returns whether that succeeded.
    @discardableResult
    package func write(_ footprints: BatchFootprints, limit: Int?) -> Bool {
        var entries = entries()
        entries[key] = .object([
            "limit_bytes": .int(Int64(limit ?? 0)), "bytes_per_item": Self.object(footprints.bytesPerItem),
            "most_items": Self.object(footprints.ceilings),
        ])
        let document: JSONObject = ["format": .int(Int64(Self.format)), "models": .object(entries)]
        do throws(Fault) {
            try Folders.makeAll(Folders.parent(of: path))
            try AtomicFile.write(JSON.object(document).bytes(.pretty), to: path)
            return true
        } catch { return false }
    }

    private func entries() -> JSONObject {
        guard let bytes = try? AtomicFile.read(path, atMost: 1 << 20), let document = try? JSON(parsing: bytes).object,
            document["format"]?.int == Self.format
        else { return [:] }
        return document["models"]?.object ?? [:]
    }

    private static func object(_ numbers: [Int: Int]) -> JSON {
        var members = JSONObject()
        for (length, number) in numbers.sorted(by: { $0.key < $1.key }) { members["\(length)"] = .int(Int64(number)) }
        return .object(members)
    }

    private static func numbers(_ value: JSON?) -> [Int: Int] {
        var numbers: [Int: Int] = [:]
        for (name, value) in value?.object?.members ?? [] {
            guard let length = Int(name), length > 0, let number = value.int, number > 0 else { continue }
            numbers[length] = number
        }
        return numbers
    }
}
