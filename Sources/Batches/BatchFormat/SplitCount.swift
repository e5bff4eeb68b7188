internal import Fault
internal import JSON

/// How many items of a part or a version were cut, and into how many pieces.
///
/// In every seal, `items_in − split_items + pieces = items + rejected`. The two members are omitted if nothing was cut.
public struct SplitCount: Sendable, Equatable {
    /// Items that were cut.
    public internal(set) var items = 0
    /// The pieces they were cut into.
    public internal(set) var pieces = 0

    init() {}

    /// Reads the members of a seal.
    init(_ seal: JSONObject, _ path: String) throws(Fault) {
        guard seal["split_items"] != nil || seal["pieces"] != nil else { return }
        items = try seal.requiredCount("split_items", path)
        pieces = try seal.requiredCount("pieces", path)
        guard items > 0, pieces >= items else {
            throw Fault(.damaged, "'\(path)' does not add up: \(items) items cut into \(pieces) pieces")
        }
    }

    /// Writes the members of a seal.
    func write(to seal: inout JSONObject) {
        guard items > 0 else { return }
        seal["split_items"] = .int(Int64(items))
        seal["pieces"] = .int(Int64(pieces))
    }

    /// The number of lines that `itemsIn` items must leave.
    func lines(for itemsIn: Int) -> Int { itemsIn - items + pieces }

    static func + (a: SplitCount, b: SplitCount) -> SplitCount {
        var sum = a
        sum.items += b.items
        sum.pieces += b.pieces
        return sum
    }
}

/// A piece of an item that is not settled yet.
enum SettledPiece {
    case kept(LedgerRow)
    case rejected(RejectRow)
}
