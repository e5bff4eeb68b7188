internal import Durable
public import Fault
internal import JSON

/// The element types of tensor files.
public enum TensorType: String, Sendable {
    /// IEEE 754 single precision, little-endian.
    case float32 = "F32"
    /// Signed 64-bit integers, little-endian.
    case int64 = "I64"

    /// Bytes per element.
    public var size: Int { self == .float32 ? 4 : 8 }
}

/// One tensor of a file: a view that is valid as long as the file object.
public struct Tensor {
    /// The element type.
    public let type: TensorType
    /// The dimensions, row-major.
    public let shape: [Int]
    /// The elements' bytes, inside the mapping.
    public let bytes: UnsafeRawBufferPointer

    /// The elements of a float32 tensor; empty for other types.
    public var floats: UnsafeBufferPointer<Float> {
        type == .float32 ? bytes.assumingMemoryBound(to: Float.self) : UnsafeBufferPointer(start: nil, count: 0)
    }
}

/// A safetensors file, memory-mapped: https://github.com/huggingface/safetensors, section "Format".
///
/// The whole header is checked before use: offsets inside the file, sizes that fit the shapes, no overlap.
public final class TensorFile: Sendable {
    private struct Entry: Sendable {
        let type: TensorType
        let shape: [Int]
        let range: Range<Int>
    }

    private let map: MappedFile
    private let entries: [ItemID: Entry]
    /// The tensors' names, in the order of their data.
    public let names: [ItemID]

    /// The file's path.
    public var path: String { map.path }

    /// Maps and checks a file (throws 65 if it is not a valid safetensors file).
    public convenience init(_ path: String) throws(Fault) { try self.init(MappedFile(path)) }

    init(_ map: MappedFile) throws(Fault) {
        self.map = map
        let bytes = map.bytes
        func damaged(_ reason: String) -> Fault {
            Fault(.damaged, "'\(map.path)' is not a valid safetensors file: \(reason)")
        }
        guard bytes.count >= 8 else { throw damaged("it is shorter than a header") }
        let headerSize = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard headerSize <= UInt64(bytes.count - 8) else { throw damaged("the header is longer than the file") }
        let dataStart = 8 + Int(headerSize)
        let header: JSONObject
        do {
            guard case .object(let object) = try JSON(parsing: bytes[8..<dataStart]) else {
                throw JSONSyntaxError(offset: 0, reason: "the header is not an object")
            }
            header = object
        } catch {
            throw damaged("\(error)")
        }
        var entries: [ItemID: Entry] = [:]
        var order: [(name: ItemID, range: Range<Int>)] = []
        for member in header.members where member.name != "__metadata__" {
            guard let type = member.value["dtype"]?.string.flatMap(TensorType.init(rawValue:)),
                let shape = member.value["shape"]?.sizes, let offsets = member.value["data_offsets"]?.sizes,
                offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= bytes.count - dataStart
            else { throw damaged("the entry '\(member.name)' is not supported") }
            var size = type.size
            for dimension in shape {
                let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
                guard !overflow else { throw damaged("the entry '\(member.name)' is larger than memory") }
                size = product
            }
            guard size == offsets[1] - offsets[0] else {
                throw damaged("the entry '\(member.name)' does not have the size of its shape")
            }
            // The format does not require this, but every writer does it, and a view as floats needs it.
            guard (dataStart + offsets[0]) % type.size == 0 || size == 0 else {
                throw damaged("the entry '\(member.name)' is not aligned to its type")
            }
            let name = ItemID(member.name)
            let range = dataStart + offsets[0]..<dataStart + offsets[1]
            entries[name] = Entry(type: type, shape: shape, range: range)
            order.append((name, range))
        }
        order.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
        var end = dataStart
        for (name, range) in order {
            guard range.lowerBound == end else { throw damaged("the entry '\(name)' leaves a gap or overlaps another") }
            end = range.upperBound
        }
        guard end == bytes.count else { throw damaged("\(bytes.count - end) bytes do not belong to any tensor") }
        self.entries = entries
        names = order.map(\.name)
    }

    /// The tensor of an item, if the file has one. The view is valid as long as this object.
    public func tensor(_ id: ItemID) -> Tensor? {
        guard let entry = entries[id] else { return nil }
        return Tensor(
            type: entry.type, shape: entry.shape, bytes: UnsafeRawBufferPointer(rebasing: map.bytes[entry.range]))
    }

    /// Releases the memory of an item's tensor. Its views stay valid: data touched again is read again.
    public func release(_ id: ItemID) {
        if let entry = entries[id] { map.release(entry.range) }
    }

    /// The shape of an item's tensor, without touching its data.
    public func shape(_ id: ItemID) -> [Int]? { entries[id]?.shape }
}

extension JSON {
    /// The elements of an array of non-negative integers; `nil` for anything else.
    fileprivate var sizes: [Int]? {
        guard let array else { return nil }
        let sizes = array.compactMap(\.int).filter { $0 >= 0 }
        return sizes.count == array.count ? sizes : nil
    }
}
