import TestModels
import Testing
import TorchModel

/// The memory of tensors on the CPU.
@Suite struct TensorPoolTests {
    /// Frames whose hidden values, 8 float32 per frame, take 64 MiB.
    private static let many = 2 << 20

    private static func pass(_ model: borrowing TorchModel, frames: Int) throws -> [Float] {
        try run(model, ramp(frames * 4), [1, frames, 4], lengths: [Int64(frames)]).values[0]
    }

    // In a separate process, because the pool belongs to the process, and other suites run models meanwhile.
    @Test func `freed blocks are kept, but never many more than were in use at once`() async {
        await #expect(processExitsWith: .success) {
            let library = try ModelFixtures.library.get()
            let model = try ModelFixtures.model("masked")
            let parameters = try library.memory(of: "cpu").allocated
            let first = try Self.pass(model, frames: Self.many)
            let most = try library.memory(of: "cpu").peakAllocated
            #expect(most >= 64 << 20)
            for frames in [Self.many / 3, Self.many / 40, Self.many - 999, Self.many / 7] {
                _ = try Self.pass(model, frames: frames)
                let figures = try library.memory(of: "cpu")
                #expect(figures.peakAllocated == most)
                #expect(figures.reserved <= most + most / 2)
                #expect(figures.reserved > parameters)
                #expect(figures.allocated == parameters)
            }
            // Blocks used by other tensors before make no difference.
            #expect(try Self.pass(model, frames: Self.many) == first)

            try library.emptyCache(of: "cpu")
            let emptied = try library.memory(of: "cpu")
            #expect(emptied.reserved == parameters)
            #expect(emptied.peakAllocated == parameters)
        }
    }

    @Test func `tensors stay apart while models run side by side`() async throws {
        let options = ModelFixtures.options("masked")
        let library = try ModelFixtures.library.get()
        let alone = try Self.pass(TorchModel(options, with: library), frames: 50_000)
        let answers = await withTaskGroup(of: [[Float]].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    guard let model = try? TorchModel(options, with: library) else { return [] }
                    return (0..<5).map { _ in (try? Self.pass(model, frames: 50_000)) ?? [] }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(answers.count == 20)
        #expect(answers.allSatisfy { $0 == alone })
    }
}
