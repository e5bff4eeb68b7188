import Foundation
import JSON
import TestKit
import Testing

/// Clips and other implementations' features of them, as Tests/Fixtures/features/make_goldens.py stored them.
struct Goldens {
    /// A table of features: one row for each frame.
    struct Table {
        let rows: Int
        let columns: Int
        let values: [Float]
    }

    private let header: JSONObject
    private let payload: Data

    init() throws {
        let file = Data(try Checkout.read("Tests/Fixtures/features/goldens.safetensors"))
        let headerSize = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        header = try #require(try JSON(parsing: file[8..<8 + headerSize]).object)
        payload = Data(file[(8 + headerSize)...])
    }

    /// Every tensor's name.
    var names: [String] { header.members.map(\.name).filter { $0 != "__metadata__" } }

    /// The clips that a case has features of.
    func clips(of implementation: String) -> [String] {
        names.filter { $0.hasPrefix(implementation + "/") }.map { String($0.dropFirst(implementation.count + 1)) }
            .sorted()
    }

    /// A clip's samples, full scale at ±1.
    func audio(_ clip: String) throws -> [Float] {
        let (bytes, _) = try tensor("audio/\(clip)")
        return bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: 2).map {
                Float(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: Int16.self))) / 32768
            }
        }
    }

    /// The features of a clip by an implementation.
    func table(_ implementation: String, _ clip: String) throws -> Table {
        let (bytes, shape) = try tensor("\(implementation)/\(clip)")
        let values = bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: 4).map {
                Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
            }
        }
        try #require(shape.count == 2)
        return Table(rows: shape[0], columns: shape[1], values: values)
    }

    private func tensor(_ name: String) throws -> (bytes: Data, shape: [Int]) {
        let entry = try #require(header[name]?.object, "no tensor \(name)")
        let offsets = try #require(entry["data_offsets"]?.array).compactMap(\.int)
        let shape = try #require(entry["shape"]?.array).compactMap(\.int)
        return (payload[(payload.startIndex + offsets[0])..<(payload.startIndex + offsets[1])], shape)
    }
}
