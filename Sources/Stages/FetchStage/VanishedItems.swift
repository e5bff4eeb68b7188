internal import BatchFormat
internal import Fault
internal import JSON

/// The items of an accepted version that the source does not list any more.
///
/// A source that shrinks is more often a mistake (a wrong prefix, a lifecycle rule, a half-mounted disk) than intended, and
/// every later stage would follow it.
struct VanishedItems {
    /// The number of items that are named.
    private static let named = 10

    private let version: String
    private let items: Int
    private let gone: [ItemID]

    /// Compares a version with what a run has laid out.
    init(of version: VersionReader, from layout: PartLayout) throws(Fault) {
        self.version = version.name
        var (items, gone) = (0, Set<ItemID>())
        for index in version.seal.parts.indices {
            let records = try ListingRecord.read(version.part(index))
            items += records.count
            // Items stay in the part that they were in, so that most are found there and need not be remembered.
            let here = Set(index < layout.slices.count ? layout.slices[index].map(\.id) : [])
            for record in records {
                guard let id = record["id"]?.string.map(ItemID.init), !here.contains(id) else { continue }
                gone.insert(id)
            }
        }
        if !gone.isEmpty {
            for item in layout.slices.joined() { gone.remove(item.id) }
            for item in layout.rest { gone.remove(item.id) }
        }
        self.items = items
        self.gone = gone.sorted()
    }

    /// How many and which, if that is a larger share than allowed.
    func reason(ifMoreThan most: Double) -> String? {
        guard items > 0 else { return nil }
        let ratio = Double(gone.count) / Double(items)
        guard ratio > most else { return nil }
        let names = gone.prefix(Self.named).map { "'\($0)'" }.joined(separator: ", ")
        let rest = gone.count > Self.named ? " and \(gone.count - Self.named) more" : ""
        return "the source no longer lists \(gone.count) of the \(items) items of \(version) "
            + "(\(ratio.rounded(decimals: 4))), more than max_vanished_ratio = \(most): \(names)\(rest)"
    }
}
