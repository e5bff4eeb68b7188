internal import CPQ

/// A result of libpq, cleared when it goes out of scope.
struct PostgresResult: ~Copyable {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }
    var isFailure: Bool { status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE }

    var sqlState: String? { cpq_sqlstate(handle).map { String(cString: $0) } }
    var message: String { cpq_primary_message(handle).map { String(cString: $0) } ?? "unknown failure" }
    var hint: String? { cpq_hint(handle).map { String(cString: $0) } }

    /// The server's detail, and where in a COPY or a function it failed.
    var detail: String? {
        let parts = [cpq_detail(handle), cpq_context(handle)].compactMap { $0.map { String(cString: $0) } }
        return parts.isEmpty ? nil : parts.joined(separator: ", ").trimmedLines
    }

    /// The command tag, such as `COMMIT` or `INSERT 0 3`.
    var command: String { String(cString: PQcmdStatus(handle)) }
    /// The number of rows that the statement changed or returned.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }
}

/// One row of a result, valid during the call it is passed to.
public struct PostgresRow: ~Copyable {
    private let result: OpaquePointer
    private let index: Int32

    init(_ result: borrowing PostgresResult, index: Int32) {
        self.result = result.handle
        self.index = index
    }

    /// The number of columns.
    public var count: Int { Int(PQnfields(result)) }

    /// A column's name.
    public func name(_ column: Int) -> String { PQfname(result, Int32(column)).map { String(cString: $0) } ?? "" }

    /// A column's value as text; `nil` for NULL.
    public func text(_ column: Int) -> String? { bytes(column) { String(decoding: $0, as: UTF8.self) } }

    /// A column's value as an integer; `nil` for NULL and anything that is not an integer.
    public func int(_ column: Int) -> Int? { text(column).flatMap { Int($0) } }

    /// The type of a column's values.
    func type(_ column: Int) -> PostgresType { PostgresType(oid: PQftype(result, Int32(column))) }

    /// Calls `body` with the bytes of a column's value, unless it is NULL.
    func bytes<Value>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value? {
        guard PQgetisnull(result, index, Int32(column)) == 0 else { return nil }
        let length = Int(PQgetlength(result, index, Int32(column)))
        return PQgetvalue(result, index, Int32(column)).withMemoryRebound(to: UInt8.self, capacity: length) {
            body(UnsafeBufferPointer(start: $0, count: length))
        }
    }
}
