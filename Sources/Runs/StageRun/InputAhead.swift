internal import BatchFormat
internal import Fault
internal import Workers

/// Hands out the parts of a stage's input, and checks the next one in the background meanwhile: its bytes come from the
/// disk and through the digest while the part before it is being worked on.
final class InputAhead {
    private let opening: (Int) -> @Sendable () throws(Fault) -> PartReader
    private var ahead: (index: Int, part: BackgroundWork<PartReader, Fault>)?

    /// - Parameter opening: gives the way to open a part, which may be gone on another thread.
    init(_ opening: @escaping (Int) -> @Sendable () throws(Fault) -> PartReader) { self.opening = opening }

    /// Part `index`, its ledger and tensors checked; `next` is the part that is likely to be asked for after it. One that
    /// never is may be damaged: nobody hears of it.
    func part(_ index: Int, next: Int?) throws(Fault) -> PartReader {
        let asked = ahead.flatMap { $0.index == index ? $0.part : nil } ?? read(index)
        ahead = next.map { ($0, read($0)) }
        return try asked.result()
    }

    private func read(_ index: Int) -> BackgroundWork<PartReader, Fault> {
        let open = opening(index)
        return BackgroundWork { () throws(Fault) in
            let part = try open()
            try part.readAhead()
            return part
        }
    }
}
