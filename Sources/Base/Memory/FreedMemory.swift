internal import CSyscalls

/// Freed memory that the allocator keeps for later blocks.
public enum FreedMemory {
    /// Returns it to the system.
    public static func giveBack() { _ = malloc_trim(0) }
}
