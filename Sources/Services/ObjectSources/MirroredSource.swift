internal import Fault

/// Several places with the same objects, tried in order. The first that can be listed decides which objects exist; an
/// object that it cannot deliver is fetched from the next one that has the same object.
struct MirroredSource: ObjectSource {
    let mirrors: [any ObjectSource]
    /// Receives a message for each mirror that was skipped, with the reason.
    let note: @Sendable (String) -> Void

    var origin: String { mirrors.map(\.origin).joined(separator: ", ") }

    var addresses: [String] { mirrors.flatMap(\.addresses) }

    func list(
        checkStop: () throws(Fault) -> Void, _ visit: ([ObjectEntry]) throws(Fault) -> Void
    ) throws(Fault) {
        var first: Fault?
        for (index, mirror) in mirrors.enumerated() {
            // Once a page has been passed on, another mirror would start again from the beginning.
            var hasBegun = false
            var stop: Fault?
            do throws(Fault) {
                try mirror.list {
                    () throws(Fault) in
                    do throws(Fault) { try checkStop() } catch {
                        stop = error
                        throw error
                    }
                } _: { page throws(Fault) in
                    hasBegun = true
                    try visit(index == 0 ? page : page.map { $0.listed(by: index) })
                }
                return
            } catch {
                if let stop { throw stop }
                if hasBegun { throw error }
                note("cannot list '\(mirror.origin)', trying the next mirror: \(error)")
                first = first ?? error
            }
        }
        throw first ?? Fault(.configuration, "no source is given")
    }

    func routes(to entry: ObjectEntry) -> [ObjectRoute] {
        guard mirrors.indices.contains(entry.mirror) else { return [] }
        let others = mirrors.enumerated().filter { $0.offset != entry.mirror }
        return mirrors[entry.mirror].routes(to: entry) + others.map { $0.element.route(toKey: entry.key) }
    }

    func meaning(of object: NoticedObject) -> NoticedEntry {
        for (index, mirror) in mirrors.enumerated() {
            switch mirror.meaning(of: object) {
            case .foreign: continue
            case .nothing: return .nothing
            case .entry(let entry): return .entry(entry.listed(by: index))
            }
        }
        return .foreign
    }

    func route(toKey key: String) -> ObjectRoute {
        mirrors.first?.route(toKey: key) ?? ObjectRoute(name: key, way: .gone)
    }
}
