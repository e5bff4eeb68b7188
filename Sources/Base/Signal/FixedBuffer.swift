/// Memory of a fixed size, owned by one place: scratch and tables of the inner loops, without the bounds checks and
/// uniqueness checks of an array.
struct FixedBuffer<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(repeating value: Element, count: Int) {
        base = .allocate(capacity: max(count, 1))
        base.initialize(repeating: value, count: count)
        self.count = count
    }

    init(_ elements: [Element]) {
        base = .allocate(capacity: max(elements.count, 1))
        count = elements.count
        for index in elements.indices { (base + index).initialize(to: elements[index]) }
    }

    deinit { base.deallocate() }
}
