internal import CSyscalls

/// What the allocator keeps of freed memory, for blocks to come.
public enum FreedMemory {
    /// Gives it back to the system.
    public static func giveBack() { _ = malloc_trim(0) }
}
