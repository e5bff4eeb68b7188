internal import CPQ
public import Fault
public import JSON

extension PostgresConnection {
    /// Runs a query in a read-only transaction and calls `body` with each row as it arrives: one member per column.
    ///
    /// Whole numbers, numbers, truth values and JSON keep their types; timestamps become RFC 3339 in UTC; everything
    /// else is text; NULL is `null`. Throws `.configuration` if the query is wrong, writes, or gives two columns the
    /// same name, and `.damaged` if a JSON value cannot be parsed.
    public func forEachJSONRow(
        of query: NamedQuery, _ body: (JSONObject) throws(Fault) -> Void
    ) throws(Fault) {
        try transaction(readOnly: true) { () throws(Fault) in
            var columns: [Column] = []
            var rowNumber = 0
            try forEachRow(query.sql, query.parameters) { (row) throws(Fault) in
                if rowNumber == 0 { columns = try Column.all(of: row) }
                rowNumber += 1
                var object = JSONObject()
                for (at, column) in columns.enumerated() {
                    do throws(JSONSyntaxError) {
                        object.appendNew(column.name, try row.text(at).map(column.type.value) ?? .null)
                    } catch {
                        throw Fault(
                            .damaged, "\(place): row \(rowNumber), column \"\(column.name)\": the JSON cannot be read",
                            cause: error)
                    }
                }
                try body(object)
            }
        }
    }
}

private struct Column {
    let name: String
    let type: PostgresType

    static func all(of row: borrowing PostgresRow) throws(Fault) -> [Column] {
        var columns: [Column] = []
        for at in 0..<row.count {
            let name = row.name(at)
            if columns.contains(where: { $0.name.hasSameBytes(as: name) }) {
                throw Fault(.configuration, "the query gives two columns the name \"\(name)\"; rename one with AS")
            }
            columns.append(Column(name: name, type: row.type(at)))
        }
        return columns
    }
}
