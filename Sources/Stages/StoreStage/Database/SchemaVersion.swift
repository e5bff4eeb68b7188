internal import Fault

/// What to do about the schema that a database has.
enum SchemaVersion {
    /// The steps still to take from `found`. Throws `.configuration` if a newer build has been at work.
    static func steps(from found: Int, address: String) throws(Fault) -> [Int] {
        guard found <= Migrations.newest else {
            throw Fault(
                .configuration,
                "the tables in \(address) have schema \(found), this build knows schema \(Migrations.newest): "
                    + "install the newer release that made them, or store into another database")
        }
        return Array(found..<Migrations.newest).map { $0 + 1 }
    }

    /// The fault when tables of our names are there that are not ours.
    static func foreign(_ address: String, _ cause: Fault) -> Fault {
        Fault(
            .configuration,
            "\(address) holds tables with the names that the results need, but they are somebody else's: "
                + "store into another database or schema", cause: cause)
    }
}
