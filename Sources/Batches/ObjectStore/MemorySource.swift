public import Fault
internal import Transfer

/// Objects held in memory, for tests of code that uses a source.
public struct MemorySource: ObjectSource {
    private let objects: [(key: String, bytes: [UInt8], etag: String?)]

    /// The source's name in messages.
    public let origin: String

    /// Makes a source of these objects, listed in this order.
    public init(origin: String = "memory:", _ objects: [(key: String, bytes: [UInt8], etag: String?)]) {
        self.origin = origin
        self.objects = objects
    }

    /// Lists all objects on one page.
    public func list(
        checkStop: () throws(Fault) -> Void, _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault) {
        try checkStop()
        try visit(
            objects.map {
                ObjectEntry(
                    key: $0.key, problem: KeyRules.problem(with: $0.key.utf8), size: Int64($0.bytes.count),
                    etag: $0.etag, address: Array($0.key.utf8))
            })
    }

    /// The bytes themselves.
    public func routes(to entry: ObjectEntry) -> [ObjectRoute] { [route(toKey: entry.key)] }

    /// The bytes themselves, or `gone`.
    public func route(toKey key: String) -> ObjectRoute {
        let found = objects.first { $0.key.utf8.elementsEqual(key.utf8) }
        return ObjectRoute(name: origin + key, way: found.map { .bytes($0.bytes, etag: $0.etag) } ?? .gone)
    }
}
