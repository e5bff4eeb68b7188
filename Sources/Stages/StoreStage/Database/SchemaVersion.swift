internal import Fault

/// Decides what to do about a database's schema.
enum SchemaVersion {
    /// The steps still to take from `found`. Throws `.configuration` if a newer build has upgraded the database.
    static func steps(from found: Int, address: String) throws(Fault) -> [Int] {
        guard found <= Migrations.newest else {
            throw Fault(
                .configuration,
                "the tables in \(address) have schema \(found), this build knows schema \(Migrations.newest): "
                    + "install the newer release that made them, or use another database")
        }
        return Array(found..<Migrations.newest).map { $0 + 1 }
    }

    /// The fault if there are tables with our names that are not ours.
    static func foreign(_ address: String, _ cause: Fault) -> Fault {
        Fault(
            .configuration,
            "\(address) has tables with the names that the results need, but they belong to another program: "
                + "use another database or schema", cause: cause)
    }
}
