internal import JSON

/// Counts labels and scores by group, while a stage's rows pass through.
struct LabelTally {
    private struct Key: Hashable {
        let group: Int
        let label: Int
        let model: Int
    }

    private struct Count {
        var items = 0
        var scoreSum = 0.0
        var scoreBins = InlineArray<20, Int>(repeating: 0)
    }

    /// Numbered texts. They become parts of keys, so those that are too long are cut.
    private struct Names {
        private(set) var texts: [String] = []
        private var numbers: [Groups.Name: Int] = [:]
        private var last: (text: String, number: Int)?

        mutating func number(of text: String) -> Int {
            // Consecutive rows often have the same text.
            if let last, last.text.hasSameBytes(as: text) { return last.number }
            let number = numbers[Groups.Name(text: text)] ?? texts.count
            if number == texts.count {
                numbers[Groups.Name(text: text)] = number
                let longest = Groups.longestValue
                texts.append(
                    text.utf8.count <= longest ? text : String(decoding: text.utf8.prefix(longest), as: UTF8.self))
            }
            last = (text, number)
            return number
        }
    }

    private var labels = Names()
    private var models = Names()
    private var counts: [Int] = []
    private var places: [Key: Int] = [:]
    private var found: [Count] = []

    /// Counts an item in its groups.
    mutating func count(_ groups: [Int], model: String?, label: String?, score: Double?) {
        let label = labels.number(of: label ?? "")
        let model = models.number(of: model ?? "")
        for group in groups {
            let key = Key(group: group, label: label, model: model)
            let place = places[key] ?? found.count
            if place == found.count {
                places[key] = place
                found.append(Count())
            }
            found[place].items += 1
            if let score {
                found[place].scoreSum += score
                found[place].scoreBins[LabelCountRow.bin(of: score)] += 1
            }
        }
    }

    /// The counts.
    func rows(_ groups: Groups, stage: String, version: String) -> [LabelCountRow] {
        places.compactMap { key, place in
            guard let group = groups.name(of: key.group) else { return nil }
            let (count, model) = (found[place], ModelName(models.texts[key.model]))
            return LabelCountRow(
                stage: stage, version: version, model: model.name, modelVersion: model.version ?? "",
                field: group.field, value: group.value, label: labels.texts[key.label], items: count.items,
                scoreSum: count.scoreSum, scoreBins: count.scoreBins.indices.map { count.scoreBins[$0] })
        }
    }
}

/// The two halves of `digits@3`.
struct ModelName {
    let name: String
    let version: String?

    init(_ text: String) {
        let at = text.utf8.lastIndex(of: UInt8(ascii: "@"))
        name = String(at.map { text[..<$0] } ?? text[...])
        version = at.map { String(text[text.utf8.index(after: $0)...]) }
    }
}
