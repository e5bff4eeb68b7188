internal import CPQ
public import Fault

extension PostgresConnection {
    /// Runs `body` in one transaction: all of it takes effect, or nothing.
    ///
    /// A fault rolls back and is rethrown. If the connection is lost during the commit, it is unknown whether it took
    /// effect: the fault is `.unavailable`, and the caller must check before it tries again.
    public func transaction<Value>(
        readOnly: Bool = false, _ body: () throws(Fault) -> Value
    ) throws(Fault) -> Value {
        try execute(readOnly ? "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN")
        let value: Value
        do throws(Fault) {
            value = try body()
        } catch {
            rollBack()
            throw error
        }
        try commit()
        return value
    }

    private func commit() throws(Fault) {
        guard PQsendQuery(handle, "COMMIT") == 1 else { throw clientFault() }
        var done = ""
        while let result = try nextResult() {
            if result.isFailure { throw failed(result) }
            done = result.command
        }
        // The server answers COMMIT with ROLLBACK, and no error, if an earlier statement failed.
        guard done == "COMMIT" else {
            throw Fault(.defect, "\(place): a transaction was committed after one of its statements had failed")
        }
    }

    /// Rolls back if still possible. A failure here follows an earlier one, which is the one to report.
    private func rollBack() {
        let status = PQtransactionStatus(handle)
        guard status == PQTRANS_INTRANS || status == PQTRANS_INERROR else { return }
        do throws(Fault) { try execute("ROLLBACK") } catch { return }
    }
}
