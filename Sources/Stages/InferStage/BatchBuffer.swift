/// The memory in which batches are assembled, reused for each.
final class BatchBuffer {
    private var storage = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)

    deinit { storage.deallocate() }

    /// Packs items into one block, [count, length, width], each padded with zeros.
    ///
    /// The view is valid until the next call.
    func pack(_ items: [ItemTensor], length: Int, width: Int, rows count: Int) -> UnsafeBufferPointer<Float> {
        let row = length * width
        let block = room(for: count * row)
        for place in 0..<count {
            let target = UnsafeMutableBufferPointer(rebasing: block[place * row..<(place + 1) * row])
            // Rows beyond the items are fillers, for packages that do not accept small batches.
            let filled = place < items.count ? target.update(fromContentsOf: items[place].values) : 0
            target[filled...].update(repeating: 0)
        }
        return UnsafeBufferPointer(block)
    }

    private func room(for count: Int) -> UnsafeMutableBufferPointer<Float> {
        if storage.count < count {
            storage.deallocate()
            storage = .allocate(capacity: count)
            storage.initialize(repeating: 0)
        }
        return UnsafeMutableBufferPointer(rebasing: storage[..<count])
    }
}
