internal import BatchFormat
internal import Digests
internal import Fault
internal import Workers

/// The parts of a stage's input, as far as they are known.
protocol InputParts {
    /// The number of parts so far.
    var count: Int { get }
    /// Where part `index` is.
    func place(of index: Int) -> InputPart
}

/// The location of an input part, which any thread can open.
struct InputPart: Sendable {
    let version: String
    let name: String
    let digest: Digest

    func open() throws(Fault) -> PartReader { try PartReader(version: version, name: name, digest: digest) }
}

extension VersionReader: InputParts {
    var count: Int { seal.parts.count }

    func place(of index: Int) -> InputPart {
        InputPart(version: path, name: seal.parts[index].name, digest: seal.parts[index].digest)
    }
}

/// Provides the parts of a stage's input, and checks the next one in the background: it is read from disk and hashed
/// while the previous part is being processed.
final class InputAhead {
    private let parts: any InputParts
    private var ahead: (index: Int, part: BackgroundWork<PartReader, Fault>)?

    init(_ parts: any InputParts) { self.parts = parts }

    /// Part `index`, its ledger and tensors checked.
    ///
    /// - Parameter selection: the requested parts, of which the next is read ahead. If it is never requested, damage to
    ///   it is not reported.
    func part(_ index: Int, nextIn selection: PartSelection) throws(Fault) -> PartReader {
        let asked = ahead.flatMap { $0.index == index ? $0.part : nil } ?? read(index)
        let next = (index + 1..<max(index + 1, parts.count)).first { selection.contains($0) }
        ahead = next.map { ($0, read($0)) }
        return try asked.result()
    }

    private func read(_ index: Int) -> BackgroundWork<PartReader, Fault> {
        let place = parts.place(of: index)
        return BackgroundWork { () throws(Fault) in
            let part = try place.open()
            try part.readAhead()
            return part
        }
    }
}
