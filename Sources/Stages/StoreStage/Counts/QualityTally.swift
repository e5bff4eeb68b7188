internal import JSON

/// Sums the figures that `clean` wrote on the lines, by group.
struct QualityTally {
    private struct Sum {
        var items = 0
        var sum = 0.0
        var minimum = Double.infinity
        var maximum = -Double.infinity

        mutating func add(_ value: Double) {
            items += 1
            sum += value
            minimum = min(minimum, value)
            maximum = max(maximum, value)
        }
    }

    /// The stage that measured, in UTF-8, and its version.
    let stage: [UInt8]
    let version: String
    /// The figures' names, as written, in the order in which they first appeared.
    private var figures: [[UInt8]] = []
    /// For each figure, the sums by group.
    private var sums: [[Sum]] = []
    /// For each filled field, the number of times by group.
    private var fills: [Groups.Name: [Int]] = [:]
    /// The number of measured items, by group.
    private var items: [Int] = []
    /// The figures of the current item.
    private var values: [(figure: Int, value: Double)] = []
    private var filled: [String] = []
    private var isThere = false

    init(stage: String, version: String) {
        self.stage = Array(stage.utf8)
        self.version = version
    }

    /// Starts an item.
    mutating func beginItem() {
        values.removeAll(keepingCapacity: true)
        filled.removeAll(keepingCapacity: true)
        isThere = false
    }

    /// Reads what the stage wrote about the item. `offset`, where a piece was cut, is not a figure of its audio.
    mutating func take(_ object: UnsafeBufferPointer<UInt8>) throws(JSONSyntaxError) {
        guard object.first == UInt8(ascii: "{") else { return }
        isThere = true
        var expected = 0
        try JSON.forEachMember(of: object) { (name, value) throws(JSONSyntaxError) in
            if let number = try number(value) {
                if name.says("offset") { return }
                // Lines list their figures in the same order.
                let figure = self.figure(name, expected)
                expected = figure + 1
                values.append((figure, number))
            } else if name.says("filled") {
                filled = try JSON(parsing: value).array?.compactMap(\.string) ?? []
            }
        }
    }

    private mutating func figure(_ name: UnsafeBufferPointer<UInt8>, _ expected: Int) -> Int {
        if expected < figures.count, name.elementsEqual(figures[expected]) { return expected }
        if let known = figures.firstIndex(where: { name.elementsEqual($0) }) { return known }
        figures.append(Array(name))
        sums.append([])
        return figures.count - 1
    }

    /// Counts the item in its groups.
    mutating func count(_ groups: [Int]) {
        guard isThere else { return }
        for group in groups {
            items.reach(group, 0)
            items[group] += 1
            for (figure, value) in values {
                sums[figure].reach(group, Sum())
                sums[figure][group].add(value)
            }
            for field in filled {
                fills[Groups.Name(text: field), default: []].reach(group, 0)
                fills[Groups.Name(text: field)]?[group] += 1
            }
        }
    }

    /// The sums.
    func rows(_ groups: Groups) -> [QualityCountRow] {
        let stage = String(decoding: stage, as: UTF8.self)
        var rows: [QualityCountRow] = []
        for group in items.indices where items[group] > 0 {
            guard let (field, value) = groups.name(of: group) else { continue }
            for (figure, sums) in zip(figures, sums) where group < sums.count && sums[group].items > 0 {
                let sum = sums[group]
                rows.append(
                    QualityCountRow(
                        stage: stage, version: version, field: field, value: value,
                        figure: String(decoding: figure, as: UTF8.self), items: sum.items, sum: sum.sum,
                        minimum: sum.minimum, maximum: sum.maximum))
            }
            for (name, counts) in fills where group < counts.count && counts[group] > 0 {
                rows.append(
                    QualityCountRow(
                        stage: stage, version: version, field: field, value: value, figure: "filled.\(name.text)",
                        items: items[group], sum: Double(counts[group]),
                        minimum: counts[group] == items[group] ? 1 : 0, maximum: 1))
            }
        }
        return rows
    }
}

extension Array {
    /// Makes the array long enough to hold an index.
    fileprivate mutating func reach(_ index: Int, _ value: Element) {
        while count <= index { append(value) }
    }
}
