internal import CPQ
public import Fault

extension PostgresConnection {
    /// Runs one statement; `$1`, `$2`, … stand for the parameters, whose types the server infers.
    ///
    /// Returns the number of rows changed.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [String?] = []) throws(Fault) -> Int {
        try send(sql, parameters)
        var changed = 0
        while let result = try nextResult() {
            if result.isFailure { throw failed(result) }
            changed = result.affectedRows
        }
        return changed
    }

    /// Runs several statements, separated by semicolons, without parameters. They form one transaction unless the
    /// script says otherwise.
    public func runScript(_ sql: String) throws(Fault) {
        try refuseNUL(in: sql, [])
        guard PQsendQuery(handle, sql) == 1 else { throw clientFault() }
        while let result = try nextResult() {
            if result.isFailure { throw failed(result) }
        }
    }

    /// Runs one statement and calls `body` with each row as it arrives, so that memory does not grow with the row
    /// count.
    ///
    /// A fault thrown by `body` is rethrown; the connection can then only be closed, which ends the statement.
    public func forEachRow(
        _ sql: String, _ parameters: [String?] = [], _ body: (borrowing PostgresRow) throws(Fault) -> Void
    ) throws(Fault) {
        try send(sql, parameters)
        PQsetSingleRowMode(handle)
        while let result = try nextResult() {
            if result.isFailure { throw failed(result) }
            for index in 0..<PQntuples(result.handle) {
                try body(PostgresRow(result, index: index))
            }
        }
    }

    /// Runs one statement and returns the result of `body` for its first row; `nil` if there is none.
    public func firstRow<Value>(
        _ sql: String, _ parameters: [String?] = [], _ body: (borrowing PostgresRow) throws(Fault) -> Value
    ) throws(Fault) -> Value? {
        var value: Value?
        try forEachRow(sql, parameters) { (row) throws(Fault) in
            if value == nil { value = try body(row) }
        }
        return value
    }

    private func send(_ sql: String, _ parameters: [String?]) throws(Fault) {
        try refuseNUL(in: sql, parameters)
        let sent = CStringList(parameters).withPointers { values in
            PQsendQueryParams(handle, sql, Int32(parameters.count), nil, values, nil, nil, 0)
        }
        guard sent == 1 else { throw clientFault() }
    }

    /// A C string ends at its first NUL: the rest would be lost silently.
    private func refuseNUL(in sql: String, _ parameters: [String?]) throws(Fault) {
        if sql.utf8.contains(0) { throw Fault(.configuration, "an SQL statement contains a NUL byte") }
        for (at, parameter) in parameters.enumerated() where parameter?.utf8.contains(0) == true {
            throw Fault(
                .damaged, "parameter \(at + 1) of an SQL statement contains a NUL byte, which PostgreSQL cannot store")
        }
    }

    /// The fault of a failed result, after reading everything that follows it.
    func failed(_ result: borrowing PostgresResult) -> Fault {
        let fault = fault(of: result)
        drain()
        return fault
    }
}
