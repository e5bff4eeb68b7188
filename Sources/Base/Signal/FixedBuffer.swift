/// Memory of a fixed size with one owner: scratch and tables of the inner loops, without an array's bounds and
/// uniqueness checks.
struct FixedBuffer<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(repeating value: Element, count: Int) {
        base = Self.allocate(count)
        base.initialize(repeating: value, count: count)
        self.count = count
    }

    init(_ elements: [Element]) {
        base = Self.allocate(elements.count)
        count = elements.count
        for index in elements.indices { (base + index).initialize(to: elements[index]) }
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

    /// Aligned to the processor's cache lines, so that no vector straddles two.
    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Element>.stride, alignment: 64)
            .bindMemory(to: Element.self, capacity: count)
    }
}
