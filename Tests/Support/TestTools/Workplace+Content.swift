public import Foundation
public import JSON

extension Workplace {
    /// The ledger's lines of a version, such as `infer/v1`, part by part.
    public func ledger(_ version: String) throws -> [JSON] { try lines(version, "items.jsonl") }

    /// The rejections of a version, part by part.
    public func rejects(_ version: String) throws -> [JSON] { try lines(version, "rejects.jsonl") }

    private func lines(_ version: String, _ file: String) throws -> [JSON] {
        let folder = stage(version)
        let parts = try FileManager.default.contentsOfDirectory(atPath: self[folder]).filter { $0.hasPrefix("part-") }
        return try parts.sorted().flatMap { part -> [JSON] in
            let name = "\(folder)/\(part)/\(file)"
            guard exists(name) else { return [] }
            return try read(name).split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
        }
    }

    /// The ids in a version's ledger, in order.
    public func ids(_ version: String) throws -> [String] { try ledger(version).compactMap { $0["id"]?.string } }

    /// The inode that a name leads to.
    public func inode(_ name: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: self[name])[.systemFileNumber] as? Int ?? 0
    }

    /// When a file was written.
    public func modified(_ name: String) throws -> Date? {
        try FileManager.default.attributesOfItem(atPath: self[name])[.modificationDate] as? Date
    }
}
