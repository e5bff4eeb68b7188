import Foundation

/// Runs `body` on `count` threads at once, and throws the error of the first one. Separate threads, because these calls
/// block and must not starve the pool that runs the tests.
func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<count {
            group.addTask {
                try await withCheckedThrowingContinuation { continuation in
                    Thread.detachNewThread { continuation.resume(with: Result { try body(index) }) }
                }
            }
        }
        try await group.waitForAll()
    }
}
